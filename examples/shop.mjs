// A shop's own system that answers "where is my order" for the bot (docs/bot.md, "Actions"). Node 20, nothing to install:
//
//   BELLHOP_SIGNING_SECRET=whsec_… PORT=8790 node examples/shop.mjs
//
// It believes nothing that is not signed by Bellhop within the last five minutes, and answers a question that it has answered before
// with the same words, whatever has become of the order since: a question that comes twice is one that was tried again.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';

const TOLERANCE_SECONDS = 5 * 60;
const BODY_BYTES = 64 * 1024;
const KEYS_KEPT = 10_000;

const ORDERS = {
  'A-1234': { owner: 'customer-7', state: 'sent', en: 'it left our workshop on Tuesday and should be with you by Friday', zh: '包裹周二已从工坊发出，预计周五前送达' },
  'A-2001': { owner: 'customer-8', state: 'made', en: 'it is being made and leaves our workshop within two days', zh: '正在制作，两天内发出' },
  'A-3077': { owner: 'customer-7', state: 'back', en: 'it came back to us, and your money is on its way', zh: '包裹已退回，退款正在途中' },
};

/** What is said about an order: to somebody who is signed in of their own alone. Where numbers can be guessed ask for more than a number. */
function whereIs({ intent, fields, visitor }) {
  if (intent !== 'order_status') return { en: 'I only know where orders are.', zh: '我只能查询订单状态。' };
  const number = String(fields.order ?? '').toUpperCase();
  const order = Object.hasOwn(ORDERS, number) ? ORDERS[number] : undefined;
  if (!order || (!visitor.anonymous && visitor.subject !== order.owner)) {
    return { en: `I can't find an order ${number}. Is the number right?`, zh: `没有找到订单 ${number}，请核对一下单号。` };
  }
  return { en: `Order ${number}: ${order.en}.`, zh: `订单 ${number}：${order.zh}。` };
}

/** Whether Bellhop has signed this body: https://www.standardwebhooks.com */
function isSigned(headers, body, secret, now) {
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signatures = '' } = headers;
  if (!id || !/^\d{1,12}$/.test(at ?? '') || Math.abs(now / 1_000 - Number(at)) > TOLERANCE_SECONDS) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const wanted = createHmac('sha256', key).update(`${id}.${at}.`).update(body).digest();
  // While Bellhop's own secret is rotated there are two.
  return signatures.split(' ').some((signature) => {
    const [version, tag] = signature.split(',');
    const given = Buffer.from(tag ?? '', 'base64');
    return version === 'v1' && given.length === wanted.length && timingSafeEqual(given, wanted);
  });
}

async function read(request) {
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * The shop's server.
 * @param options.secret   `whsec_…`, as Bellhop has shown it
 * @param options.now      the time, for a test
 * @param options.answer   what is said; nothing: by the table above
 */
export function shop({ secret, now = Date.now, answer = whereIs }) {
  // What was answered under which key. A real shop keeps it beside its orders, for a day.
  const answered = new Map();
  return createServer(async (request, response) => {
    const reply = (status, body) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    try {
      if (request.method !== 'POST') return reply(405, { error: 'POST only' });
      const body = await read(request);
      if (!body) return reply(413, { error: 'too large' });
      if (!isSigned(request.headers, body, secret, now())) return reply(401, { error: 'not signed by Bellhop, or too old' });
      // The same as the idempotency-key, and signed.
      const key = request.headers['webhook-id'];
      if (!answered.has(key)) {
        answered.set(key, { message: answer(JSON.parse(body.toString('utf8'))) });
        if (answered.size > KEYS_KEPT) answered.delete(answered.keys().next().value);
      }
      return reply(200, answered.get(key));
    } catch (error) {
      console.error(error);
      return reply(500, { error: 'our fault' });
    }
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { BELLHOP_SIGNING_SECRET: secret, PORT = '8790' } = process.env;
  if (!secret?.startsWith('whsec_')) throw new Error('BELLHOP_SIGNING_SECRET is not set: the console shows one under "Bot"');
  shop({ secret }).listen(Number(PORT), '127.0.0.1', () => console.log(`http://127.0.0.1:${PORT} answers where orders are.`));
}
