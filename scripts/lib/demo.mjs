// What `make start` puts into a fresh store: one workspace with a site, an owner, two agents and a small FAQ in both
// languages. The logins are for this machine only; a deployment never has them (its Worker refuses to seed).

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
