// The Worker: Rust to WebAssembly, its JavaScript bindings, one module that the runtime loads. worker-build does the
// same, but can't be pinned to a nightly toolchain, which panic=unwind needs; the flags are its flags (0.8.7).
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { objectClasses, readConfig } from './config.mjs';
import { numbered, withoutPlaces, withPlaces } from './likeness.mjs';
import { LINTED } from './lint.mjs';
import { at, bin } from './paths.mjs';
import { all, Failure, run, step } from './run.mjs';
import { fingerprint, readStamp, writeStamp } from './stamp.mjs';
import { bindgenPath, tools } from './tools.mjs';
import { exporting } from './wasm.mjs';

/**
 * Bundles: `release` is what is deployed, `start` the same behaviour in a fraction of the build time, `panics` a release
 * with a panic at every point where a test asks for it; not optimised, of the release's own dependencies, so that little is
 * compiled for it, and linted while it is. The profile is cargo's.
 */
export const PROFILES = {
  release: { profile: 'release', usual: '2 min' },
  start: { profile: 'start', usual: '15 s, the first time 1.5 min' },
  panics: { profile: 'release', usual: '1 min', features: 'test-panics', config: 'profile.release.package.bellhop.opt-level=0', env: LINTED },
};

const SOURCES = ['src', 'proto', 'migrations', 'schema.sql', 'build.rs', 'Cargo.toml', 'Cargo.lock', 'rust-toolchain.toml', 'wrangler.toml', 'scripts/bindgen', 'scripts/worker-shim.js', 'scripts/lib/worker.mjs', 'scripts/lib/wasm.mjs', 'scripts/lib/likeness.mjs'];

/** Where cargo puts what it builds, also for the crates that are no part of the product's workspace. */
export const targetFolder = () => resolve(at(), process.env.CARGO_TARGET_DIR ?? 'target');

/** Where the bundle of a profile is: `index.js` and `index_bg.wasm`. */
export const bundle = (profile) => at('build', profile);

/**
 * Builds the bundle unless it is up to date; true if it was built. `tools` are those of tools.mjs, and may still be
 * on their way.
 */
export async function buildWorker(profile, { rust, packages, bindgen } = tools()) {
  const stamp = at('build', profile, 'stamp.json');
  const inputs = fingerprint(SOURCES);
  if (readStamp(stamp)?.inputs === inputs && existsSync(at('build', profile, 'index_bg.wasm'))) return false;
  if (!PROFILES[profile]) throw new Failure(`There is no bundle ${profile}. There are: ${Object.keys(PROFILES).join(', ')}.`);
  const { usual: said } = PROFILES[profile];
  const usual = existsSync(at('build', profile)) ? said.split(',')[0] : said.split('first time ').at(-1);
  await step(`Worker (${profile})`, usual, () => compile(profile, { rust, packages, bindgen }));
  writeStamp(stamp, { inputs });
  return true;
}

/** The yardstick of `make bench`, built as a release is: `build/bare`. */
export async function buildBare({ rust, packages, bindgen } = tools()) {
  const stamp = at('build/bare/stamp.json');
  const inputs = fingerprint(['bench/bare', 'bench/Cargo.lock', 'rust-toolchain.toml', 'scripts/bindgen', 'scripts/worker-shim.js', 'scripts/lib/worker.mjs', 'scripts/lib/wasm.mjs', 'scripts/lib/likeness.mjs']);
  if (readStamp(stamp)?.inputs === inputs && existsSync(at('build/bare/index_bg.wasm'))) return false;
  await step('Bare object', '1 min', () => compile('bare', { rust, packages, bindgen }, BARE));
  writeStamp(stamp, { inputs });
  return true;
}

const PRODUCT = { name: 'bellhop', manifest: 'Cargo.toml', classes: () => objectClasses(readConfig()) };
const BARE = { name: 'bare', manifest: 'bench/bare/Cargo.toml', classes: () => ['Room'] };

async function compile(folder, { rust, packages, bindgen }, { name, manifest, classes } = PRODUCT) {
  const { profile, features, config, env } = PROFILES[folder] ?? PROFILES.release;
  const isSmall = profile === 'release' && !config;
  const staging = at('build', `.${folder}`);
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true });

  await rust;
  // The standard library is built along, because the one of rustup aborts on a panic. A release does without the places
  // (file and line) of possible panics, 20 KB gzip: the stack trace and symbols.txt tell. Vectors move what is large in
  // half as many instructions, 8 KB gzip.
  await run('cargo', ['build', '--locked', '--manifest-path', at(manifest), '--target-dir', targetFolder(), '--lib', '--target', 'wasm32-unknown-unknown', '--profile', profile, ...(features ? ['--features', features] : []), ...(config ? ['--config', config] : []), '-Zbuild-std=std,panic_unwind', ...(profile === 'release' ? ['-Zbuild-std-features=panic-unwind,optimize_for_size'] : [])], {
    env: { ...env, WASM_BINDGEN_USE_JS_SYS: '1', RUSTFLAGS: [process.env.RUSTFLAGS, '-Cpanic=unwind', ...(profile === 'release' ? ['-Zlocation-detail=none', '-Ctarget-feature=+simd128'] : [])].filter(Boolean).join(' ') },
  });
  await all([packages, bindgen]);
  await run(bindgenPath, [`${targetFolder()}/wasm32-unknown-unknown/${profile}/${name}.wasm`, staging]);

  const exported = readFileSync(`${staging}/index.js`, 'utf8');
  const objects = classes().map((name) => {
    if (!new RegExp(`^export class ${name} `, 'm').test(exported)) throw new Failure(`wrangler.toml names the Durable Object class ${name}, which the crate does not have.`);
    return `export const ${name} = new Proxy(exports.${name}, follow);`;
  });
  writeFileSync(`${staging}/index.js`, unused(exported));
  writeFileSync(`${staging}/shim.js`, readFileSync(at('scripts/worker-shim.js'), 'utf8').replace(/^\/\*CLASSES\*\/$/m, objects.join('\n')));
  await run(bin('esbuild'), ['shim.js', '--bundle', '--format=esm', '--outfile=bundled.js', '--external:./index_bg.wasm', '--external:cloudflare:*', ...(isSmall ? ['--minify'] : [])], { cwd: staging });
  // The runtime hands a compiled module to a plain import; the keyword for that is newer than its parser.
  const code = readFileSync(`${staging}/bundled.js`, 'utf8').replaceAll('import source ', 'import ');
  if (isSmall) {
    const module = `${staging}/index_bg.wasm`;
    const named = new Set(code.match(/[\w$]+/g));
    writeFileSync(module, exporting(readFileSync(module), (name) => named.has(name)));
    await optimise(module, { symbols: `${staging}/symbols.txt` });
  }

  const out = bundle(folder);
  mkdirSync(out, { recursive: true });
  writeFileSync(`${staging}/index.js`, code);
  renameSync(`${staging}/index_bg.wasm`, `${out}/index_bg.wasm`);
  renameSync(`${staging}/index.js`, `${out}/index.js`);
  if (isSmall) renameSync(`${staging}/symbols.txt`, `${out}/symbols.txt`);
  rmSync(staging, { recursive: true, force: true });
}

/**
 * The bindings without what keeps a class of a dependency's that nobody uses: the bundler can then leave it out, and with it what it has
 * in WebAssembly (streams, containers, R2): 3 KB gzip.
 */
const unused = (bindings) => bindings.replace(/^if \(Symbol\.dispose\) .*\n/gm, '').replaceAll('new FinalizationRegistry(', '/* @__PURE__ */ new FinalizationRegistry(');

/**
 * For size. The names of functions would be a tenth of the download: they go to symbols.txt beside the bundle, by which
 * a stack trace of the deployed Worker is read. Functions that are alike stand together, so gzip finds them again. Nothing is
 * inlined that the compiler has left apart: it would make a few functions so long that each of their variables takes two bytes, hide
 * likenesses from gzip (121 of 899 KB) and take most of this step's time. It is done twice, because functions are alike as
 * they are in the end: 7 KB for three quarters of a minute. The features are what workerd is known to accept, and
 * every browser of the last three years.
 */
export async function optimise(file, { symbols } = {}) {
  const features = ['mutable-globals', 'sign-ext', 'nontrapping-float-to-int', 'bulk-memory', 'multivalue', 'reference-types', 'exception-handling', 'simd'];
  const opt = (out, ...more) => run(bin('wasm-opt'), [file, '-o', out, '-Os', '--skip-pass=inlining', '--skip-pass=inlining-optimizing', '--strip-producers', ...features.map((it) => `--enable-${it}`), ...more]);
  const module = readFileSync(file);
  const first = `${file}.first`;
  writeFileSync(file, numbered(module));
  await opt(first, '--debuginfo');
  writeFileSync(file, withPlaces(module, readFileSync(first)));
  rmSync(first);
  await opt(file, '--reorder-functions-by-name', ...(symbols ? [`--symbolmap=${symbols}`] : []));
  if (symbols) writeFileSync(symbols, withoutPlaces(readFileSync(symbols, 'utf8')));
}
