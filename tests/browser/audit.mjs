// Watches pages for the least sign that text became more than text: code that ran, a breach of the content policy, a
// request to another host, a dialog, a navigation, an element or an attribute that data has made, an odd address.
import assert from 'node:assert/strict';

/** Tags that neither widget nor console draws from data; those that a page came with are let be. */
const FOREIGN = 'script iframe frame frameset object embed applet base meta link style title img picture source video audio track math marquee portal fencedframe noscript template listing plaintext xmp xss x foreignObject animate set use image mglyph annotation-xml';

/** Runs in every frame before anything else. */
function arm(foreign) {
  for (const name of ['canary', 'alert', 'confirm', 'prompt', 'print', 'open']) window[name] = (...given) => void window.tellTest('ran', `${name}(${given})`);
  document.addEventListener('securitypolicyviolation', (event) => window.tellTest('breach', `${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
  new ReportingObserver((reports) => reports.forEach(({ type, body }) => type === 'csp-violation' && window.tellTest('breach', JSON.stringify(body))), { buffered: true }).observe();
  // (An observer that needs a second look is the browser's way of saying nothing.)
  addEventListener('error', ({ message }) => message && !/^ResizeObserver loop/.test(message) && window.tellTest('error', message));
  addEventListener('unhandledrejection', ({ reason }) => window.tellTest('error', String(reason)));

  const tags = new Set(foreign.toLowerCase().split(' '));
  /** What stands in the page itself, and files that its own build loads later. */
  const own = (node) => {
    if (node.isOriginal) return true;
    const address = node.src || node.href;
    if (!address || !['script', 'link'].includes(node.localName)) return false;
    const { origin, pathname } = new URL(address, location.href);
    return origin === location.origin && /^\/(console\/assets\/|w\/)/.test(pathname);
  };
  // Once parsed, and before any script that waits for that has run.
  document.addEventListener('readystatechange', () => document.readyState === 'interactive' && document.querySelectorAll('*').forEach((node) => (node.isOriginal = true)));
  const everything = function* (root) {
    for (const node of root.querySelectorAll('*')) {
      yield node;
      if (node.shadowRoot) yield* everything(node.shadowRoot);
    }
  };
  window.auditTest = () => {
    const found = [];
    let looked = 0;
    for (const node of everything(document)) {
      looked++;
      const tag = node.localName.toLowerCase();
      if (tags.has(tag) && !own(node)) found.push(`<${tag}> ${node.outerHTML.slice(0, 120)}`);
      if (tag.includes('-') && tag !== 'bellhop-chat') found.push(`<${tag}>`);
      for (const { name, value } of node.attributes) {
        if (/^on/i.test(name)) found.push(`${tag} ${name}=${value}`);
        if (/^(srcdoc|formaction|action|background|poster|ping|http-equiv|xlink:href|popovertarget|autofocus|contenteditable)$/i.test(name)) found.push(`${tag} ${name}=${value}`);
        if (/^(href|src)$/i.test(name) && tag !== 'a' && !own(node)) found.push(`${tag} ${name}=${value}`);
        if (name === 'style' && /url\(|expression|@import/i.test(value)) found.push(`${tag} style=${value}`);
      }
      if (tag === 'a' && !['http:', 'https:', 'mailto:', 'tel:'].includes(node.protocol)) found.push(`link to ${node.href}`);
      if (tag === 'a' && node.origin !== location.origin && /^https?:$/.test(node.protocol)) {
        if (node.username || node.password) found.push(`link with a user in it: ${node.href}`);
        if (!/noreferrer/.test(node.rel)) found.push(`link that tells where it was clicked: ${node.href}`);
      }
    }
    for (const key in {}) found.push(`Object.prototype.${key}`);
    return { found, looked };
  };
}

/** Arms a context; pages of `origin` alone may be asked. Gives what was seen, and `clean`. */
export async function watch(context, origin) {
  const seen = [];
  await context.exposeBinding('tellTest', (_, kind, text) => void seen.push(`${kind}: ${text}`));
  await context.addInitScript(arm, FOREIGN);
  const mine = new URL(origin).host;
  context.on('request', (request) => {
    const { host, protocol } = new URL(request.url());
    if (host !== mine && protocol !== 'data:') seen.push(`request: ${request.url()}`);
  });
  context.on('page', (page) => {
    page.on('dialog', (dialog) => (seen.push(`dialog: ${dialog.message()}`), dialog.dismiss()));
    page.on('popup', (popup) => seen.push(`popup: ${popup.url()}`));
    page.on('framenavigated', (frame) => !frame.url().startsWith(origin) && frame.url() !== 'about:blank' && seen.push(`navigation: ${frame.url()}`));
    page.on('console', (message) => /Content Security Policy|Trusted|Refused to/i.test(message.text()) && seen.push(`console: ${message.text()}`));
  });
  let looked = 0;
  return {
    /** Fails if anything happened so far. */
    quiet: (what) => assert.deepEqual(seen, [], what),
    /** Fails if anything happened so far, or if the tree of any frame holds what data may not make. */
    async clean(page, what) {
      for (const frame of page.frames()) {
        const audit = await frame.evaluate(() => window.auditTest());
        looked += audit.looked;
        assert.deepEqual(audit.found, [], what);
      }
      assert.deepEqual(seen, [], what);
    },
    get looked() {
      return looked;
    },
  };
}
