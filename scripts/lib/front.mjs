// The static files: widget (esbuild), console (Vite), demo page and the headers of all of them, into public/.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { keepEarlier } from './kept.mjs';
import { copyLibrary } from './library.mjs';
import { npm } from './npm.mjs';
import { at, bin } from './paths.mjs';
import { all, Failure, run, step } from './run.mjs';
import { tools } from './tools.mjs';
import { fingerprint, readStamp, writeStamp } from './stamp.mjs';
import { buildTrainer } from './trainer.mjs';

const COMMON = ['frontend/package-lock.json', 'frontend/shared', 'scripts/lib/front.mjs'];
const PARTS = {
  widget: { usual: '1 s', sources: [...COMMON, 'frontend/widget'], product: 'widget.js', build: buildWidget },
  console: { usual: '5 s', sources: [...COMMON, 'frontend/console', 'frontend/tsconfig.json', 'build/trainer/trainer.wasm', 'library/intents', 'scripts/lib/library.mjs'], product: 'console/library/index.json', build: buildConsole, needs: buildTrainer },
  demo: { usual: '', sources: [...COMMON, 'frontend/demo'], product: 'demo/index.html', build: buildDemo },
};

/** Builds what is not up to date; the names of what was built. `begun`: the tools, as for the Worker. */
export async function buildFront(begun = tools()) {
  await begun.packages;
  mkdirSync(at('public'), { recursive: true });
  writeFileSync(at('public/_headers'), readFileSync(at('deploy/_headers')));
  const built = await all(
    Object.entries(PARTS).map(async ([name, part]) => {
      await part.needs?.(begun);
      const stamp = at('build/front', `${name}.json`);
      const inputs = fingerprint(part.sources);
      if (readStamp(stamp)?.inputs === inputs && existsSync(at('public', part.product))) return [];
      await step(name, part.usual, () => part.build());
      writeStamp(stamp, { inputs });
      return [name];
    }),
  );
  return built.flat();
}

/** `import css from './x.css?inline'`: the style sheet, minified, as a string. */
const inlineCss = (esbuild) => ({
  name: 'inline-css',
  setup(build) {
    build.onResolve({ filter: /\.css\?inline$/ }, ({ path, resolveDir }) => ({ path: resolve(resolveDir, path.replace('?inline', '')), namespace: 'inline-css' }));
    build.onLoad({ filter: /.*/, namespace: 'inline-css' }, async ({ path }) => {
      const { code } = await esbuild.transform(readFileSync(path, 'utf8'), { loader: 'css', minify: true });
      // A space that minifiers keep, because scripts could read it.
      return { contents: code.trim().replace(/(--\w+): /g, '$1:'), loader: 'text', watchFiles: [path] };
    });
  },
});

/** A locale as the bare list of its texts: their names are the numbers of `Say`. */
const listTexts = (esbuild) => ({
  name: 'list-texts',
  setup(build) {
    build.onLoad({ filter: /locale\/[a-z]{2}(-[A-Z]{2})?\.ts$/ }, async ({ path }) => {
      const { outputFiles } = await esbuild.build({ entryPoints: [path], bundle: true, format: 'esm', charset: 'utf8', write: false });
      const { strings } = await import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
      const list = Object.values(strings).map((text) => (typeof text === 'string' ? JSON.stringify(text) : text));
      return { contents: `export const strings = [${list}]`, watchFiles: [path] };
    });
  },
});

/**
 * Names of members of `frontend/shared`, which the console reads in full, that the build shortens in the widget. Nothing
 * outside the widget's own modules may know one: no frame, no storage, no page and no object of the browser.
 */
const OWN_NAMES = `
  adopt arrived asked base changed check clearTimer clockAhead connection delivery destroy disconnected emit ends entries env first forget forgotten
  frame grant heard heldUntil host input item items kept kit last list live markRead meta names node number older oneof onFrame online
  onOpen onState opened outbox own paging pause prefix prepend proof receive refuse repeated restart resume retry run sent
  session setColor setLocale setTimer settle shape stopCode store stored tab tick ttlMs unread until url visible wakeAt welcomed write
`.trim().split(/\s+/);

/** Names of the protocol for which the same holds: on the wire they are numbers. Code and table get the same shorter ones. */
const WIRE_NAMES = `
  ack activity after agents assignee choices clientId context delivered done endsAt grow growing hello helpful identify image kind label leave leaveEmail locale logEpoch messages more offset opensAt
  page pageTitle pageUrl participant picture position presence queue rate rating read receipt receipts referrer renew reset retryable retryAfterMs sender seq
  state subject timezone tip typing waitMs welcome you
`.trim().split(/\s+/);

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** The table in these names; those of messages, but for the two that code asks for, are letters as well. */
function shortTable(table, short) {
  const messages = table.split('\n').map((line) => line.split(' ')[0]).filter((name) => !/^(Client|Server)Frame$/.test(name));
  if (messages.length > LETTERS.length) throw new Failure(`${messages.length} messages have ${LETTERS.length} letters`);
  const letter = (message) => LETTERS[messages.indexOf(message)];
  return table
    .replaceAll(/(?<= )(\d*[*|]?)(\w+)([#?=%:]?)(\w*)/g, (_, before, name, kind, type) => {
      const holds = kind === ':' ? letter(type || name[0].toUpperCase() + name.slice(1)) : type;
      return before + (WIRE_NAMES.includes(name) ? (short[name] ?? name) : name) + kind + holds;
    })
    .replaceAll(/^\w+(?= )/gm, (name) => (messages.includes(name) ? letter(name) : name));
}

const wireTable = (short) => ({
  name: 'wire-table',
  setup(build) {
    build.onLoad({ filter: /shared\/wire\/table\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replace(/(VISITOR_TABLE = `)([^`]*)/, (_, before, table) => before + shortTable(table, short)),
      loader: 'ts',
      watchFiles: [path],
    }));
  },
});

/** What is shortened: these, and whatever begins with _. */
function shortened(frontend) {
  const [, table] = /VISITOR_TABLE = `([^`]*)`/.exec(readFileSync(join(frontend, 'shared/wire/table.ts'), 'utf8'));
  const taken = OWN_NAMES.filter((name) => new RegExp(`(?<![A-Za-z])${name}(?![A-Za-z])`).test(table));
  if (taken.length) throw new Error(`names of the protocol can't be shortened: ${taken.join(', ')}`);
  const [, texts] = /enum Say \{([^}]*)/.exec(readFileSync(join(frontend, 'widget/locale/strings.ts'), 'utf8'));
  const numbers = [...OWN_NAMES, ...WIRE_NAMES].filter((name) => new RegExp(`^  ${name},$`, 'm').test(texts));
  if (numbers.length) throw new Error(`texts whose names are shortened would no longer be numbers: ${numbers.join(', ')}`);
  return new RegExp(`^(_.*|${[...OWN_NAMES, ...WIRE_NAMES].join('|')})$`);
}

/**
 * The launcher is one classic script under a name that never changes. The chat and each locale are modules under the
 * hash of their content, so that they may be kept for ever, and those of earlier builds stay for a while; the launcher is
 * built last, with their names in it. `root`: where sources and products are.
 */
export async function buildWidget(root = at()) {
  const esbuild = npm('esbuild');
  const { minify } = await import(pathToFileURL(npm.resolve('terser')));
  const widget = join(root, 'frontend/widget');
  const into = join(root, 'public');
  const product = join(into, 'widget.js');
  const modules = ['chat.ts', 'away.ts', 'offer.ts'];
  const locales = readdirSync(join(widget, 'locale')).filter((name) => /^[a-z]{2}(-[A-Z]{2})?\.ts$/.test(name)).map((name) => `locale/${name}`);
  // Private fields need es2022, or they become WeakMaps.
  const common = { bundle: true, minify: true, mangleProps: shortened(join(root, 'frontend')), target: 'es2022', charset: 'utf8', legalComments: 'none', metafile: true, absWorkingDir: root, plugins: [inlineCss(esbuild), listTexts(esbuild)], logLevel: 'silent' };

  // The first time says how names are shortened, the second time puts that into the table.
  const build = (mangleCache) =>
    esbuild.build({
      ...common,
      mangleCache,
      plugins: [...common.plugins, wireTable(mangleCache)],
      entryPoints: [...modules, ...locales].map((name) => join(widget, name)),
      format: 'esm',
      splitting: true,
      outdir: join(into, 'w'),
      entryNames: '[hash]',
      chunkNames: '[hash]',
      write: false,
    });
  const shorter = Object.entries((await build({})).mangleCache);
  // The table is read by words, and $ is in none.
  const chunks = await build(Object.fromEntries(shorter.map(([name, short]) => [name, short.replaceAll('$', '_')])));
  /** The hashed names of the entry points, by the names of their files. */
  const names = new Map();
  for (const [output, { entryPoint }] of Object.entries(chunks.metafile.outputs)) {
    if (entryPoint) names.set(basename(entryPoint, '.ts'), basename(output, '.js'));
  }
  const launcher = await esbuild.build({
    ...common,
    // What both know of each other has one name in both.
    mangleCache: chunks.mangleCache,
    entryPoints: [join(widget, 'launcher.ts')],
    format: 'iife',
    // A script of its own: no need to say that it is strict.
    tsconfigRaw: {},
    outfile: product,
    define: { CHUNKS: JSON.stringify(Object.fromEntries(names)) },
    write: false,
  });

  for (const { path, text } of [...chunks.outputFiles, ...launcher.outputFiles]) {
    mkdirSync(dirname(path), { recursive: true });
    // A second minifier finds 3 % that the first one leaves.
    const { code } = await minify(text, { module: path !== product, ecma: 2022, compress: { passes: 3, lhs_constants: false, unsafe_arrows: true, conditionals: false, comparisons: false, if_return: false, sequences: false } });
    writeFileSync(path, code);
  }
  keepEarlier(into, chunks.outputFiles.map(({ path }) => basename(path)));
  const file = (name) => `w/${names.get(basename(name, '.ts'))}.js`;
  writeStamp(join(root, 'build/front/chunks.json'), {
    launcher: 'widget.js',
    ...Object.fromEntries(modules.map((name) => [basename(name, '.ts'), file(name)])),
    locales: Object.fromEntries(locales.map((name) => [basename(name, '.ts'), file(name)])),
    // What every visitor who opens the chat loads beside the launcher and one locale: the chat and what it imports.
    shared: Object.entries(chunks.metafile.outputs).filter(([, it]) => !it.entryPoint).map(([path]) => relative('public', path)),
  });
}

async function buildConsole() {
  await run(bin('vite'), ['build', '--config', 'console/vite.config.ts', '--logLevel', 'warn'], { cwd: at('frontend') });
  copyLibrary(at('library/intents'), at('public/console/library'));
}

/** The demo page is plain files. */
async function buildDemo() {
  rmSync(at('public/demo'), { recursive: true, force: true });
  cpSync(at('frontend/demo'), at('public/demo'), { recursive: true });
}
