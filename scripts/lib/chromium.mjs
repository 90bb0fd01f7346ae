// A Chromium for the browser tests: the one that is there, or Debian's, if this is a machine where we may install it.
import { existsSync } from 'node:fs';
import { run, step } from './run.mjs';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'];

/** Its path: CHROMIUM if that is set; undefined if there is none to be had. */
export function chromiumPath() {
  return [process.env.CHROMIUM, ...PLACES].find((path) => path && existsSync(path));
}

/** The same, after an attempt to install it, with a font for Chinese, or its tests would look at boxes. */
export async function obtainChromium() {
  if (chromiumPath() || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return chromiumPath();
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await step('Chromium', '1 min', async () => {
    await run('apt-get', ['update', '-qq'], { env });
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-noto-cjk'], { env });
  }).catch((error) => console.log(`  ${error.message.split('\n').at(-1)}`));
  return chromiumPath();
}
