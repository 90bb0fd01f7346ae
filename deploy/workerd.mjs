// Writes the configuration of a bare workerd from wrangler.toml, so that the bundle that `wrangler deploy` sends to
// Cloudflare runs on a machine of one's own with the same bindings: Durable Objects, D1, KV, durable Queues with dead
// letters, cron, assets, variables and secrets. Pure: text in, text out. What workerd lacks (R2, rate limits, e-mail,
// Workers AI …) is refused by name rather than left out, because a binding that is silently missing shows only later.
// The services behind the bindings are workerd's own, and want its flag `--experimental`.
import { bool, field, json, list, service, struct, text } from './capnp.mjs';

/** What wrangler.toml may say; anything else is refused. Keys that only concern the upload are known and skipped. */
const UPLOAD_ONLY = ['$schema', 'name', 'main', 'build', 'compatibility_date', 'compatibility_flags', 'workers_dev', 'preview_urls',
  'observability', 'routes', 'route', 'account_id', 'limits', 'placement', 'upload_source_maps', 'rules', 'no_bundle', 'find_additional_modules',
  'base_dir', 'minify', 'keep_vars', 'logpush', 'dev', 'send_metrics', 'migrations'];
const RUNS_HERE = ['assets', 'vars', 'secrets', 'durable_objects', 'd1_databases', 'kv_namespaces', 'queues', 'triggers'];

/** Whether the Worker takes a variable for switched on (src/edge/env.rs). */
export const isOn = (value) => ['1', 'true'].includes(String(value));

/** The name under which each of our services stands in the configuration. */
const APP = 'app';

/** A configuration that can't be carried over. */
export class Unsupported extends Error {}

/**
 * The configuration text.
 * @param config   wrangler.toml, parsed
 * @param options.address   where to listen, `127.0.0.1:8787`
 * @param options.modules   `{js, wasm}`: paths of the bundle as `embed` wants them, relative to the configuration file;
 *                          `entry`, if given, is loaded instead of `js` and may import it as "index.js"
 * @param options.store     folder of everything durable
 * @param options.assets    folder of the static files
 * @param options.headers   text of the `_headers` file, if there is one
 * @param options.vars      values that replace or complete `[vars]`
 * @param options.secrets   further secret names taken from the environment, beside `[secrets] required`
 * @returns `{text, folders}`; the folders must exist before workerd starts
 */
export function workerdConfig(config, { address, modules, store, assets, headers = '', vars = {}, secrets = [] }) {
  refuseUnknown(config);
  const folders = [];
  const services = [];
  const bindings = [];
  const disk = (name, writable = true) => {
    const path = `${store}/${name}`;
    folders.push(path);
    services.push(service(`disk-${name}`, `disk = (path = ${text(path)}, writable = ${bool(writable)}, allowDotfiles = true)`));
    return `disk-${name}`;
  };
  const date = config.compatibility_date;

  // What Cloudflare's edge overwrites anyone may send to a workerd of one's own: no header is believed unless it is named.
  const unnamed = 'BELLHOP_CLIENT_IP_HEADER' in (config.vars ?? {}) ? { BELLHOP_CLIENT_IP_HEADER: '' } : {};
  for (const [name, value] of Object.entries({ ...config.vars, ...unnamed, ...vars })) {
    bindings.push(typeof value === 'string' ? struct(field('name', text(name)), field('text', text(value))) : struct(field('name', text(name)), field('json', json(value))));
  }
  for (const name of new Set([...(config.secrets?.required ?? []), ...secrets])) {
    bindings.push(struct(field('name', text(name)), field('fromEnvironment', text(name))));
  }

  const objects = ownObjects(config);
  for (const { name, class_name } of config.durable_objects?.bindings ?? []) {
    bindings.push(struct(field('name', text(name)), field('durableObjectNamespace', text(class_name))));
  }
  for (const { binding, database_name, database_id } of config.d1_databases ?? []) {
    // Named by its name: an id that `make deploy` writes later must not make the local database start empty.
    const props = json({ database: database_name ?? database_id });
    bindings.push(`(name = ${text(binding)}, wrapped = (moduleName = "cloudflare-internal:d1-api", innerBindings = [
        (name = "fetcher", service = (name = "d1", props = (json = ${props})))]))`);
  }
  for (const { binding, id } of config.kv_namespaces ?? []) {
    bindings.push(`(name = ${text(binding)}, kvNamespace = (name = "kv", props = (json = ${json({ namespace: id ?? binding })})))`);
  }
  for (const { binding, queue } of config.queues?.producers ?? []) {
    bindings.push(`(name = ${text(binding)}, queue = (name = "queues", props = (json = ${json({ queue })})))`);
  }
  if (config.assets?.binding) {
    bindings.push(`(name = ${text(config.assets.binding)}, service = (name = "assets", entrypoint = "AssetWorker"))`);
  }

  services.push(service(APP, `worker = .app`));
  const parts = [worker('app', {
    modules: [
      ...(modules.entry ? [`(name = "entry.js", esModule = embed ${text(modules.entry)})`] : []),
      `(name = "index.js", esModule = embed ${text(modules.js)})`,
      `(name = "./index_bg.wasm", wasm = embed ${text(modules.wasm)})`,
    ],
    date,
    flags: config.compatibility_flags ?? [],
    bindings,
    namespaces: objects.map((name) => [name, `${config.name}-${name}`]),
    storage: objects.length ? disk('objects') : undefined,
  })];

  if (config.assets) {
    const { run_worker_first, html_handling, not_found_handling } = config.assets;
    const settings = { run_worker_first, html_handling, not_found_handling, headers: headers || undefined };
    services.push(service('assets', `assets = (path = ${text(assets)}, config = ${json(settings)}, userWorker = ${text(APP)})`));
  }
  if (config.d1_databases?.length) {
    services.push(service('d1', `worker = .d1`));
    parts.push(bundled('d1', { date, class: 'D1Database', as: 'DATABASE', storage: disk('d1') }));
  }
  if (config.kv_namespaces?.length) {
    services.push(service('kv', `worker = .kv`));
    const bindings = [`(name = "BLOBS", service = ${text(disk('kv-blobs'))})`];
    parts.push(bundled('kv', { date, class: 'KVNamespace', as: 'SHARD', storage: disk('kv'), bindings }));
  }
  if (config.queues) {
    services.push(service('queues', `worker = .queues`));
    const consumers = Object.fromEntries((config.queues.consumers ?? []).map((it) => [it.queue, consumer(it)]));
    const bindings = [`(name = "CONSUMERS", json = ${json(consumers)})`, `(name = ${text(APP)}, service = ${text(APP)})`];
    parts.push(bundled('queues', { date, class: 'QueueShard', as: 'SHARD', storage: disk('queues'), bindings, handlers: true }));
  }
  if (config.triggers?.crons?.length) {
    services.push(service('cron', `worker = .cron`));
    const bindings = [`(name = "CRONS", json = ${json({ [APP]: config.triggers.crons })})`, `(name = ${text(APP)}, service = ${text(APP)})`];
    parts.push(bundled('cron', { date, class: 'Schedule', as: 'SCHEDULE', storage: disk('cron'), bindings, handlers: true }));
  }

  // Without a word about it, workerd connects to public addresses alone, whatever a name resolves to.
  if (isOn(vars.BELLHOP_LOOPBACK)) {
    services.push(service('internet', 'network = (allow = ["public", "local"], tlsOptions = (trustBrowserCas = true))'));
  }

  const front = config.assets ? 'assets' : APP;
  const head = `using W = import "/workerd/workerd.capnp";

const config :W.Config = (
  services = ${list(services, 4)},
  sockets = [(name = "main", address = ${text(address)}, http = (), service = ${text(front)})],
);
`;
  return { text: [`# Written by deploy/workerd.mjs from wrangler.toml: changes here are lost.`, head, ...parts].join('\n'), folders };
}

/** The classes that need a store, each once. An object of another script can't be reached from here. */
function ownObjects(config) {
  const bindings = config.durable_objects?.bindings ?? [];
  const sqlite = new Set((config.migrations ?? []).flatMap((it) => it.new_sqlite_classes ?? []));
  const names = new Set();
  for (const it of bindings) {
    if (it.script_name) throw new Unsupported(`durable_objects: ${it.name} belongs to another script`);
    if (!sqlite.has(it.class_name)) throw new Unsupported(`migrations: ${it.class_name} is not in new_sqlite_classes`);
    names.add(it.class_name);
  }
  return [...names];
}

/** wrangler's words for a consumer's settings in those of workerd's queue service. */
function consumer({ max_batch_size, max_batch_timeout, max_retries, dead_letter_queue, retry_delay, max_concurrency }) {
  return {
    consumer: APP,
    maxBatchSize: max_batch_size,
    maxBatchTimeout: max_batch_timeout,
    maxRetries: max_retries,
    deadLetterQueue: dead_letter_queue,
    retryDelay: retry_delay,
    maxConcurrency: max_concurrency,
  };
}

/** One of the Workers that workerd brings along, with its one class of object. */
function bundled(name, { date, class: className, as, storage, bindings = [], handlers = false }) {
  return worker(name, {
    modules: [`(name = ${text(name)}, bundled = ${text(`/workerd/${name}.js`)})`],
    date,
    flags: handlers ? ['service_binding_extra_handlers'] : [],
    bindings: [`(name = ${text(as)}, durableObjectNamespace = ${text(className)})`, ...bindings],
    // With the name of the class alone the place of the data depends on nothing that anybody might rename.
    namespaces: [[className, className]],
    storage,
  });
}

function worker(name, { modules, date, flags, bindings, namespaces, storage }) {
  const fields = [
    `modules = ${list(modules, 4)}`,
    `compatibilityDate = ${text(date)}`,
    flags.length ? `compatibilityFlags = [${flags.map(text).join(', ')}]` : '',
    `bindings = ${list(bindings, 4)}`,
    namespaces.length ? `durableObjectNamespaces = ${list(namespaces.map(([className, key]) => `(className = ${text(className)}, uniqueKey = ${text(key)}, enableSql = true)`), 4)}` : '',
    storage ? `durableObjectStorage = (localDisk = ${text(storage)})` : '',
  ];
  return `const ${name} :W.Worker = (\n${fields.filter(Boolean).map((it) => `  ${it},\n`).join('')});\n`;
}

function refuseUnknown(config) {
  for (const key of Object.keys(config)) {
    if (!UPLOAD_ONLY.includes(key) && !RUNS_HERE.includes(key)) throw new Unsupported(`${key} has no counterpart in bare workerd`);
  }
}
