// What is put into a page before the widget's or the console's script: `window.net`. It has no import: its source is sent.

/**
 * Makes jitter the worst it can be (the longest wait: what a test waits for has one time), keeps a diary of what is
 * shown, so that a lie of a moment is found, too, and plays the machine that falls asleep and the tab that is switched
 * away. `desk`: the page is the console.
 */
export function spy({ storageBlocked, desk }) {
  const clock = () => performance.timeOrigin + performance.now();
  const { now } = Date;
  const { setTimeout, clearTimeout } = window;
  const root = () => (desk ? document.body : document.querySelector('bellhop-chat')?.shadowRoot);
  const all = (selector) => [...(root()?.querySelectorAll(selector) ?? [])];
  const timers = new Map();
  const sockets = [];
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
  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given);
      sockets.push(this);
    }
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
    texts: () => all(desk ? 'article.message .text' : '.bubble-row .bubble').map((it) => it.textContent),
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
    /** Without a word to the page: that is how the page's own script does it. */
    clear() {
      localStorage.clear();
      sessionStorage.clear();
    },
    /** How long nothing ran, at most, since `beat`. */
    stood: 0,
    beat() {
      let last = clock();
      setInterval(() => {
        net.stood = Math.max(net.stood, clock() - last);
        last = clock();
      }, 100);
    },
    /** Whether two sockets to one address are open, or on their way. */
    doubled() {
      const addresses = sockets.filter((it) => it.readyState < WebSocket.CLOSING).map((it) => it.url);
      return new Set(addresses).size < addresses.length;
    },
    /** For a browser that can't be told to: says so many times that there is no network, and that there is. */
    async flap(times) {
      for (let i = 0; i < times; i++) {
        for (const online of [false, true]) {
          Object.defineProperty(navigator, 'onLine', { configurable: true, value: online });
          window.dispatchEvent(new Event(online ? 'online' : 'offline'));
          await new Promise((resolve) => setTimeout(resolve));
        }
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
    const line = root().querySelector(desk ? '.banner' : '.line');
    const own = desk
      ? all('article.message.ours').map((row) => [row.querySelector('.text')?.textContent, row.querySelector('[data-delivery]')?.dataset.delivery ?? ''])
      : all('.own').map((row) => [row.querySelector('.bubble')?.textContent, [...row.querySelectorAll('.meta > span')].at(-1)?.textContent ?? '']);
    const page = { line: !line || line.hidden ? '' : line.textContent, own };
    if (before === (before = JSON.stringify(page))) return;
    net.diary.push({ at: clock(), ...page });
  };
  document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) => {
    // Firefox asks for the page's icon by itself, and reports that the page forbids it.
    if (!blockedURI.endsWith('/favicon.ico')) net.problems.push(`${violatedDirective} ${blockedURI} ${sample}`);
  });
  // That a resized list is laid out one frame later is a remark of the browser's, no error.
  window.addEventListener('error', ({ message }) => message.startsWith('ResizeObserver loop') || net.problems.push(message));
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
