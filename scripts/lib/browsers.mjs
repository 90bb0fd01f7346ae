// The browsers of the tests: those that are there, or Debian's, if this is a machine where we may install them.
// Chromium runs every browser test; Firefox and WebKit run the widget behind a bad network.
import { existsSync } from 'node:fs';
import { run, step } from './run.mjs';

const first = (...places) => places.find((path) => path && existsSync(path));

/** Of each what its driver needs, or undefined; the variables come first. */
const WHERE = {
  Chromium: () => first(process.env.CHROMIUM, SHELL.path, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'),
  Firefox: () => first(process.env.FIREFOX, '/usr/bin/firefox-esr', '/usr/bin/firefox', '/Applications/Firefox.app/Contents/MacOS/firefox'),
  WebKit() {
    const driver = first(process.env.WEBKIT_DRIVER, '/usr/bin/WebKitWebDriver');
    const binary = first(process.env.MINIBROWSER, ...['x86_64', 'aarch64'].map((machine) => `/usr/lib/${machine}-linux-gnu/webkit2gtk-4.1/MiniBrowser`));
    const screen = first('/usr/bin/Xvfb');
    return driver && binary && screen ? { driver, binary, screen } : undefined;
  },
};

/** Debian's names; the font is for Chinese, or its tests would look at boxes. */
const PACKAGES = { Chromium: ['chromium', 'fonts-noto-cjk'], Firefox: ['firefox-esr'], WebKit: ['webkit2gtk-driver', 'xvfb'] };

/** Chromium without its windows: the tests take two thirds of the time. Debian has it since 13. */
const SHELL = { path: '/usr/bin/chromium-headless-shell', packages: ['chromium-headless-shell', 'fonts-noto-cjk'] };

/** All names. */
export const BROWSERS = Object.keys(WHERE);

/** Where a browser is; undefined if it is not here. */
export const browserPath = (name) => WHERE[name]();

/** Installs those that are not here, where that is possible; the names of those that are missing still. */
export async function obtainBrowsers() {
  const missing = () => BROWSERS.filter((name) => !browserPath(name));
  const wantsShell = !process.env.CHROMIUM && !existsSync(SHELL.path);
  if ((!missing().length && !wantsShell) || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return missing();
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const install = (packages) => run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env });
  await step([...new Set([...(wantsShell ? ['Chromium'] : []), ...missing()])].join(', '), '1 min', async () => {
    await run('apt-get', ['update', '-qq'], { env });
    // One that can't be had must not keep the others away; a failed installation of the shell leaves Chromium among the missing.
    if (wantsShell) await install(SHELL.packages).catch(() => {});
    for (const name of missing()) await install(PACKAGES[name]).catch((error) => console.log(`  ${name}: ${error.message.split('\n').at(-1)}`));
  }).catch((error) => console.log(`  ${error.message.split('\n').at(-1)}`));
  return missing();
}
