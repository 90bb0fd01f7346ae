// The trainer: the bot's core as a Wasm file of its own, which the console's build takes up as an asset.
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { at, root } from './paths.mjs';
import { run, step } from './run.mjs';
import { fingerprint, readStamp, writeStamp } from './stamp.mjs';
import { optimise, targetFolder } from './worker.mjs';

/** Where it is. */
export const trainer = at('build/trainer/trainer.wasm');

/** Vectors: every browser of the last two years has them. Nobody reads where a trap was, so the places of panics and how values are shown to developers are left out. */
const FLAGS = '-Ctarget-feature=+simd128 -Zlocation-detail=none -Zfmt-debug=none';

/** What it is made of: of the product's files those that it names. Of a folder's `mod.rs` the folder. */
export function trainerSources() {
  const core = at('trainer/src/core.rs');
  const named = [...readFileSync(core, 'utf8').matchAll(/^#\[path = "(.+)"\]$/gm)].map(([, path]) => join(dirname(core), path.replace(/\/mod\.rs$/, '')));
  return ['trainer', ...named.map((path) => relative(root, path)), 'Cargo.toml', 'Cargo.lock', 'rust-toolchain.toml', 'scripts/lib/trainer.mjs', 'scripts/lib/worker.mjs', 'scripts/lib/wasm.mjs', 'scripts/lib/likeness.mjs'];
}

/** Builds it unless it is up to date; true if it was built. `rust` and `packages` are those of tools.mjs, and may still be on their way. */
export async function buildTrainer({ rust, packages }) {
  const stamp = at('build/trainer/stamp.json');
  const inputs = fingerprint(trainerSources());
  if (readStamp(stamp)?.inputs === inputs && existsSync(trainer)) return false;
  await rust;
  const triple = 'wasm32-unknown-unknown';
  await step('Trainer', '20 s', async () => {
    await run('cargo', ['build', '--locked', '--target-dir', targetFolder(), '-p', 'bellhop-trainer', '--lib', '--target', triple, '--profile', 'trainer'], {
      env: { RUSTFLAGS: [process.env.RUSTFLAGS, FLAGS].filter(Boolean).join(' ') },
    });
    await packages;
    mkdirSync(dirname(trainer), { recursive: true });
    copyFileSync(join(targetFolder(), triple, 'trainer/bellhop_trainer.wasm'), trainer);
    await optimise(trainer);
  });
  writeStamp(stamp, { inputs });
  return true;
}
