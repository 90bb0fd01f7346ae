// What stands in the payloads' pages: their texts as fields take them, visitors whose every field is one, pages of a customer.
import assert from 'node:assert/strict';
import { Socket } from '../e2e/lib/socket.mjs';
import { ADDRESS, Visitor } from '../e2e/lib/world.mjs';
import { until } from './browser.mjs';
import { addresses, payloads } from './payloads.mjs';

export const TEXTS = payloads.map(({ text }) => text);
/** As fields of one line come back: without control characters and ends of blank. */
export const line = (text) => text.replace(/\p{Cc}/gu, '').trim();
/** As it can be compared with what a page shows. */
export const flat = (text) => text.replace(/\s+/gu, ' ').trim();

/** The payloads, many at a time: texts of at most `most` characters. */
export function groups(most) {
  const made = [''];
  for (const text of TEXTS.map(line)) {
    if (text.length > most) continue;
    if (made.at(-1).length + text.length + 1 > most) made.push('');
    made[made.length - 1] = `${made.at(-1)} ${text}`.trim();
  }
  return made;
}
export const FIELDS = groups(480);
export const NAMES = TEXTS.map(line).filter((text) => [...text].length <= 80 && text);
const PER_PROFILE = 30;

/** Before our Worker: pages of a customer who has no content policy that would help. `site` is a page, `sites` a page of frames. */
export const CUSTOMER = `
import app, { Room, Desk, Limiter } from 'index.js';
export { Room, Desk, Limiter };
const page = ({ searchParams }) => searchParams.has('site')
  ? '<script async src="/widget.js" data-site="' + searchParams.get('site') + '"></script>'
  : searchParams.get('sites').split(',').map((id) => '<iframe width=480 height=700 src="/customer?site=' + id + '"></iframe>').join('');
export default {
  ...app,
  fetch(request, env, ctx) {
    const url = new URL(request.url);
    if (url.pathname !== '/customer') return app.fetch(request, env, ctx);
    return new Response('<!doctype html><meta charset=utf-8><title>A shop</title><body>' + page(url), { headers: { 'content-type': 'text/html' } });
  },
};
`;

/** A visitor whose every field is a payload; `n` says which. */
export async function arrive(it, n) {
  const visitor = new Visitor(it);
  await visitor.session();
  const field = (shift) => FIELDS[(n + shift) % FIELDS.length];
  // Each pretended address by itself, then all payloads.
  const isAddress = n < addresses.length;
  const address = isAddress ? addresses[n] : FIELDS[n - addresses.length];
  const referrer = isAddress ? addresses[(n + 7) % addresses.length] : FIELDS[(n - addresses.length + 5) % FIELDS.length];
  // Where a page has a title, the title is shown in its address's place.
  const title = isAddress ? field(1) : '';
  const headers = { [ADDRESS]: visitor.address, 'user-agent': field(5).replace(/[^\x20-\x7e]/g, '') };
  const socket = await Socket.open(`${it.url}/v1/rooms/${visitor.conversation}/socket`, { ticket: visitor.ticket, origin: it.url, headers });
  const context = { pageUrl: address, pageTitle: title, referrer, locale: NAMES[n], timezone: NAMES[n + 9] };
  await socket.ask({ hello: { context } }, 'welcome');
  const attributes = new Map();
  // As they come back some names are the same.
  const names = new Set(TEXTS.slice(n * PER_PROFILE, (n + 1) * PER_PROFILE).map(line));
  for (const name of names) attributes.set(name, line(TEXTS[(n * PER_PROFILE + attributes.size + 40) % TEXTS.length]));
  socket.send({ identify: { name: field(0), email: field(4) } });
  return Object.assign(visitor, { socket, name: field(0), title, address, referrer, attributes });
}

/** As many as it takes for every payload to be somebody's page and somebody's referrer. */
export const VISITORS = addresses.length + FIELDS.length;

/** What the console shows of an address that a visitor sent: one of the web without its clutter, anything else as it is. */
export function shown(address) {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isWeb = url && /^https?:$/.test(url.protocol) && !url.username && !url.password;
  return isWeb ? `${url.host}${url.pathname === '/' ? '' : url.pathname}` : line(address);
}

/** Waits for a page's text to hold all of these. */
export async function shows(page, selector, wanted, what) {
  let missing;
  await until(
    async () => {
      const text = flat((await page.locator(selector).evaluateAll((nodes) => nodes.map((node) => ('value' in node ? node.value : node.textContent)))).join(' '));
      missing = wanted.filter((one) => !text.includes(flat(one)));
      return !missing.length;
    },
    what,
    15_000,
  ).catch((error) => assert.fail(`${error.message}\nnot shown: ${JSON.stringify(missing.slice(0, 5))} and ${missing.length - 5} more`));
}
