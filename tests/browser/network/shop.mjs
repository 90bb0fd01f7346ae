// Somebody's page with the widget in it, under the strictest policy that lets the widget in at all: nothing but our host,
// and Trusted Types. The page keeps a diary of what the widget shows, so that a lie of a moment is found, too.
import { createServer } from 'node:http';
import { DEMO_SITE } from '../../e2e/lib/world.mjs';

/**
 * Runs in the page, before the widget. It makes jitter the worst it can be (the longest wait: what a test waits for
 * has one time), keeps the diary, and plays the machine that falls asleep and the tab that is switched away.
 */
function spy(storageBlocked) {
  const clock = () => performance.timeOrigin + performance.now();
  const { now } = Date;
  const { setTimeout, clearTimeout } = window;
  const root = () => document.querySelector('bellhop-chat')?.shadowRoot;
  const all = (selector) => [...(root()?.querySelectorAll(selector) ?? [])];
  const timers = new Map();
  let ahead = 0;
  let before = '';

  Date.now = () => now() + ahead;
  Math.random = () => 0.999;
  window.setTimeout = (work, ms = 0, ...given) => {
    const run = () => {
      timers.delete(timer);
      work(...given);
    };
    const timer = setTimeout(run, ms);
    timers.set(timer, { at: Date.now() + ms, run });
    return timer;
  };
  window.clearTimeout = (timer) => {
    timers.delete(timer);
    clearTimeout(timer);
  };
  if (storageBlocked) {
    for (const name of ['localStorage', 'sessionStorage']) {
      Object.defineProperty(window, name, { get: () => { throw new DOMException('forbidden', 'SecurityError'); } });
    }
  }

  const net = {
    problems: [],
    /** `{at, line, own: [[text, what stands under it]]}`, one for each change. */
    diary: [],
    open: () => !!root()?.querySelector('.panel')?.open && !!root().querySelector('textarea'),
    busy: () => root().querySelector('.launcher').ariaBusy === 'true',
    texts: () => all('.bubble-row .bubble').map((it) => it.textContent),
    /** The machine sleeps: the clock has gone on, the timers have not, and those that were due meanwhile run now. */
    sleep(ms) {
      ahead += ms;
      const due = [...timers].filter(([, it]) => it.at <= Date.now()).sort((a, b) => a[1].at - b[1].at);
      for (const [timer, { run }] of due) {
        if (!timers.has(timer)) continue;
        clearTimeout(timer);
        run();
      }
    },
    /** For a browser that shows every tab at once: the page is told that it is hidden, or shown. */
    pretend(hidden) {
      for (const [name, value] of [['hidden', hidden], ['visibilityState', hidden ? 'hidden' : 'visible']]) Object.defineProperty(document, name, { configurable: true, value });
      document.dispatchEvent(new Event('visibilitychange'));
    },
  };
  window.net = net;

  const note = () => {
    const line = root().querySelector('.line');
    const own = all('.own').map((row) => [row.querySelector('.bubble')?.textContent, [...row.querySelectorAll('.meta > span')].at(-1)?.textContent ?? '']);
    const page = { line: !line || line.hidden ? '' : line.querySelector('[role=status]').textContent, own };
    if (before === (before = JSON.stringify(page))) return;
    net.diary.push({ at: clock(), ...page });
  };
  document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) => {
    // Firefox asks for the page's icon by itself, and reports that the page forbids it.
    if (!blockedURI.endsWith('/favicon.ico')) net.problems.push(`${violatedDirective} ${blockedURI} ${sample}`);
  });
  window.addEventListener('error', ({ message }) => net.problems.push(message));
  window.addEventListener('unhandledrejection', ({ reason }) => net.problems.push(String(reason)));
  document.addEventListener('DOMContentLoaded', () => {
    const look = () => {
      if (!root()) return;
      found.disconnect();
      new MutationObserver(note).observe(root(), { subtree: true, childList: true, attributes: true, characterData: true });
    };
    const found = new MutationObserver(look);
    found.observe(document.body, { childList: true });
    look();
  });
}

/** Serves the page on an origin of its own, so that its visitor is nobody else's; `host` is the widget's. */
export async function shop(host, { storageBlocked = false } = {}) {
  const csp = `default-src 'none'; script-src 'nonce-shop' ${host}; connect-src ${host} ${host.replace('http', 'ws')}; require-trusted-types-for 'script'; trusted-types 'none'`;
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Shop</title>
<script nonce="shop">(${spy})(${storageBlocked})</script>
<body><h1>Shop</h1><script async src="${host}/widget.js" data-site="${DEMO_SITE}"></script></body></html>`;
  const server = createServer((request, response) => {
    const found = request.url === '/';
    response.writeHead(found ? 200 : 404, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': csp, 'Cache-Control': 'no-store' });
    response.end(found ? html : '');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://localhost:${server.address().port}/`, close: () => (server.closeAllConnections(), server.close()) };
}
