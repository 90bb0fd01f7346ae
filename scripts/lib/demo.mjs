// What `make start` puts into a fresh store: one workspace with a site, an owner, two agents and a small FAQ in both
// languages. The logins are for this machine only; a deployment never has them (its Worker refuses to seed).
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasShop } from './demo-shop.mjs';
import { ops } from './ops.mjs';
import { Failure } from './run.mjs';

/** Body of `POST /ops/v1/seed`. */
export const demo = {
  workspace: 'Lantern & Loom',
  owner: { name: 'Olivia Owner', email: 'owner@example.com', password: 'lantern-owner-1' },
  agents: [
    { name: 'Mei Chen', email: 'mei@example.com', password: 'lantern-mei-1' },
    { name: 'Tom Weber', email: 'tom@example.com', password: 'lantern-tom-1' },
  ],
  site: { name: 'Lantern & Loom shop', domains: [], greeting: 'Hello! How can we help you today?' },
  faq: [
    { locale: 'en', question: 'How long does delivery take?', answer: 'We ship within one working day; delivery takes two to four days.' },
    { locale: 'en', question: 'Can I return something?', answer: 'Yes, within 30 days. Write to us here and we send you a return label.' },
    { locale: 'en', question: 'How can I pay?', answer: 'By card, bank transfer, Alipay or WeChat Pay.' },
    { locale: 'zh-CN', question: '多久能送到？', answer: '我们会在一个工作日内发货，通常两到四天送达。' },
    { locale: 'zh-CN', question: '可以退货吗？', answer: '可以，收货后 30 天内都能退。在这里留言，我们会把退货单发给您。' },
    { locale: 'zh-CN', question: '支持哪些付款方式？', answer: '支持银行卡、转账、支付宝和微信支付。' },
  ],
};

/** Says that the demo's people are in the store. */
const marker = (store) => join(store, 'demo');

/** Whether they may be. A store of earlier versions has the shop's file alone. */
export const hasDemo = (store) => existsSync(marker(store)) || hasShop(store);

/** Puts them in, once: where somebody has a workspace, people with well-known passwords have no place beside it. */
export async function putDemo({ url, store, secrets }) {
  // Said before: a store that has them and does not say so would be shown to everybody.
  writeFileSync(marker(store), '');
  try {
    return await ops(url, secrets.BELLHOP_OPS_KEY, 'seed', demo);
  } catch (error) {
    if (error.status !== 409) throw error;
    rmSync(marker(store));
    throw new Failure(`The store ${store} has a workspace of its own, and the demo does not go beside it. Start with DEMO=0, or the demo in another store (BELLHOP_STORE=).`);
  }
}
