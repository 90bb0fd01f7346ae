// The bot of `make start`'s demo shop: eleven intents of the starter library with answers of the shop's own, learnt here with the trainer
// that the console runs in its owner's browser, and sent through the API as a console would. Where an order is, it asks the shop's own
// system (demo-shop.mjs).
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { hasShop, newAddress, remember } from './demo-shop.mjs';
import { npm } from './npm.mjs';
import { at } from './paths.mjs';
import { step } from './run.mjs';
import { trainer } from './trainer.mjs';

/** What the shop says, by the library's name of the question; `{buttons}` lead on, and no text: a person is asked to come. */
const ANSWERS = {
  order_status: { en: 'Your order page shows where the parcel is. A link to it is in the mail that we sent you when it left our workshop.', zh: '订单页面可以看到包裹到哪了，链接在我们发货时寄给您的邮件里。', buttons: ['delivery_time', 'order_cancel'] },
  delivery_time: { en: 'We ship within one working day; delivery takes two to four days.', zh: '我们会在一个工作日内发货，通常两到四天送达。', buttons: ['delivery_cost'] },
  delivery_area: { en: 'We send to China, to all of Europe, and to the US and Canada.', zh: '我们发往中国（含港澳台）、欧洲各国、美国和加拿大。', buttons: ['delivery_cost'] },
  delivery_cost: { en: 'Delivery is free from €50 on, and €4.90 below.', zh: '满 50 欧元包邮，不足则收 4.90 欧元运费。' },
  return_request: { en: 'You can return anything within 30 days. Write to us here and we send you a return label.', zh: '收货后 30 天内都能退。在这里留言，我们会把退货单发给您。', buttons: ['refund_status', 'return_cost'] },
  return_cost: { en: 'Returns are free with our label.', zh: '用我们的退货单寄回免运费。' },
  refund_status: { en: 'Refunds arrive two to five days after the parcel is back in our workshop.', zh: '我们收到退货后两到五天退款到账。' },
  payment_methods: { en: 'By card, bank transfer, Alipay or WeChat Pay.', zh: '支持银行卡、转账、支付宝和微信支付。' },
  business_hours: { en: 'Our workshop answers Monday to Friday, 9:00 to 17:00.', zh: '我们的客服时间是周一到周五 9:00 至 17:00。' },
  order_cancel: { en: 'I’ll get a colleague to stop the parcel, if it has not left yet.', zh: '我请同事看看包裹是否还没发出，帮您取消。', does: 'handoff' },
  damaged_item: { en: 'I’m sorry to hear that. A colleague will look at it with you.', zh: '非常抱歉，同事马上来为您处理。', does: 'handoff' },
};

/** What it needs to know before it asks where an order is. */
const ORDER = { key: 'order', kind: 'order', ask: { en: 'What is your order number? (This shop knows A-1234, A-2001 and A-3077.)', zh: '请问您的订单号是多少？（本店有 A-1234、A-2001 和 A-3077。）' } };

/**
 * Sees to it that the demo has a bot that has learnt, and says how that went: without one the demo is a demo all the same, and the next
 * start tries again. `origin`: what the console's address begins with; `store`: what keeps where the shop's own system is, once all is
 * done; `isNew`: the demo has just been put there, whatever that keeps from before.
 */
export async function ensureBot({ url, origin, owner, store, isNew, learning = learn }) {
  if (hasShop(store) && !isNew) return;
  try {
    const session = await call({ url, origin }, 'POST', '/login', { email: owner.email, password: owner.password });
    const server = { url, origin, cookie: session.headers.getSetCookie().map((it) => it.split(';')[0]).join('; ') };
    const { model } = await (await call(server, 'GET', '/bot')).json();
    if (model) return;
    await step('The demo’s bot learns', '5 s', async () => {
      const shop = await newAddress();
      const secret = await teach(server, shop, learning);
      remember(store, { url: shop, secret });
    });
  } catch (error) {
    console.error(`The demo’s bot has learnt nothing, the next start tries again: ${error.message}`);
  }
}

/** Teaches it, and switches it on; the model comes last, because a bot that has one is not taught again. Gives what calls to the shop are signed by. */
async function teach(server, shop, learning) {
  const library = readdirSync(at('library/intents')).sort().map((name) => JSON.parse(readFileSync(at('library/intents', name), 'utf8')));
  const texts = ({ examples: { en, zh } }) => [...en, ...zh];
  const used = library.filter(({ id }) => id in ANSWERS);
  const intents = used.map(({ id, title }) => {
    const { en, zh, ...more } = ANSWERS[id];
    const asks = id === 'order_status' ? { form: [ORDER], action: { url: shop } } : {};
    return { id, title, answer: { en, zh }, library: true, ...more, ...asks };
  });
  await call(server, 'POST', '/intents/import', { intents });
  const { revision } = await (await call(server, 'GET', '/intents')).json();
  const lesson = {
    intents: used.map(({ id, title, ...intent }) => ({ id, titles: Object.values(title), examples: [], library: texts(intent) })),
    background: library.filter(({ id }) => !(id in ANSWERS)).map(texts),
  };
  const { model, accuracy, examples } = await learning(lesson);
  // Nothing else ran meanwhile: now the ends of idle connections are heard, and the next request takes none of those.
  await pause(10);
  const { secret } = await (await call(server, 'POST', '/bot/signing-secret', {})).json();
  await call(server, 'PATCH', '/bot', { enabled: true });
  await call(server, 'POST', `/bot/models?examples=${examples}&accuracy=${accuracy}&revision=${revision}`, model);
  return secret;
}

/** With the console's own code, which is TypeScript. */
export async function learn(lesson) {
  const { outputFiles } = npm('esbuild').buildSync({ entryPoints: [at('frontend/console/src/bot/trainer-core.ts')], bundle: true, format: 'esm', write: false });
  const { TrainerCore } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
  const core = await TrainerCore.start(readFileSync(trainer));
  return core.learn(JSON.stringify(lesson), () => {});
}

async function call({ url, origin, cookie = '' }, method, path, body) {
  const isFile = body instanceof Uint8Array;
  const ask = () => fetch(`${url}/api/v1${path}`, {
    method,
    headers: { origin, cookie, ...(body ? { 'content-type': isFile ? 'application/octet-stream' : 'application/json' } : {}) },
    body: isFile || !body ? body : JSON.stringify(body),
  });
  // A connection may end under a request. Each of these may come twice.
  const answer = await ask().catch(ask).catch((error) => {
    throw new Error(`${method} ${path}: ${error.cause?.message || error.message}`);
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer;
}
