// A server that collects V8's garbage when it is asked to, so that what is read of its memory is what it keeps. Without that a figure is what
// had gathered by chance: 15 KB a socket, of the bare object as of ours.

/** Where it is asked. */
export const COLLECT = '/v1/collect';

/** For `start`: a module before the bundle, and the flag without which V8 shows nobody its collector. */
export const collecting = {
  entry: `
import app from 'index.js';
export * from 'index.js';
export default {
  ...app,
  fetch(request, env, ctx) {
    if (new URL(request.url).pathname !== '${COLLECT}') return app.fetch(request, env, ctx);
    gc();
    return new Response('collected');
  },
};
`,
  patch: (text) => text.replace('const config :W.Config = (', '$&\n  v8Flags = ["--expose-gc"],'),
};
