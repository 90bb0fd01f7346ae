// A believable day in a shop's inbox, for tests and for looking at: open, waiting, snoozed, resolved, long and short,
// English, Chinese and Arabic.
import { ACTIVITY, KIND, STATUS } from './wire.mjs';
import { who } from './room.mjs';
import { addTeam } from './teams.mjs';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const CHROME = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';
const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1';

/** Fills the world; returns what tests want to hold. */
export function tellStory(world, now = Date.now()) {
  const mei = world.addAgent({ name: 'Mei Lindqvist', email: 'mei@northwind.example', role: 'owner' });
  const tom = world.addAgent({ name: 'Tom Okafor', email: 'tom@northwind.example' });
  const lina = world.addAgent({ name: '李娜', email: 'lina@northwind.example', role: 'admin' });
  world.addAgent({ name: 'Sam Rivera', email: 'sam@northwind.example', state: 'invited' });
  world.addAgent({ name: 'Ola Berg', email: 'ola@northwind.example', state: 'disabled' });
  const shop = world.addSite('Northwind shop', { domains: ['northwind.example', '*.northwind.example'], greeting: 'Hi! How can we help you today?' });
  const china = world.addSite('北风官网', { domains: ['northwind.cn.example'], greeting: '您好，有什么可以帮您？', color: '#b3261e', locale: 'zh-CN' });
  const support = addTeam(world, 'Support', { members: [mei.id, tom.id] });
  const chinese = addTeam(world, '中文客服', { members: [lina.id], method: 'round_robin', overflow: support.id });
  china.team = chinese.id;
  Object.assign(lina, { capacity: 3, languages: ['zh', 'en'], skills: ['vip', 'returns'] });

  const ada = world.addRoom('Ada Moreau', {
    site: shop.id, createdAt: now - 26 * HOUR, email: 'ada.moreau@example.com', verified: true, subject: 'C-20931', level: 2, locale: 'fr', timezone: 'Europe/Paris',
    pageUrl: 'https://shop.northwind.example/orders/10482', pageTitle: 'Order 10482 · Northwind', referrer: 'https://www.example-search.com/', userAgent: CHROME, country: 'FR',
    attributes: new Map([['plan', 'Gold'], ['orders', '14']]),
  });
  ada.visitorSays('Hello! Does the Fjell jacket run small? I am between M and L.', now - 26 * HOUR);
  ada.agentSays(mei, 'Hi Ada, it is cut close. Between sizes we advise the larger one.', now - 26 * HOUR + 3 * MINUTE);
  ada.visitorSays('Thank you, ordered the L.', now - 26 * HOUR + 9 * MINUTE);
  ada.visitorSays('Good morning! My order 10482 says “delivered”, but nothing has arrived.', now - 24 * MINUTE);
  ada.visitorSays('I was at home all day.', now - 23 * MINUTE);
  ada.append({ kind: KIND.SYSTEM }, { activity: { kind: ACTIVITY.JOINED, subject: who(mei) } }, now - 22 * MINUTE);
  ada.agentSays(mei, 'I am sorry to hear that, Ada. Let me look at what the carrier says: https://track.example.com/p/JD0146000110482', now - 21 * MINUTE);
  ada.noteBy(mei, 'Carrier shows “left with a neighbour, no. 14”. Second time this month on this route.', now - 19 * MINUTE);
  ada.agentSays(mei, 'They left it with your neighbour at number 14. Could you ask there?', now - 18 * MINUTE);
  ada.visitorReads();
  ada.visitorSays('Oh! I will ring their bell, one moment.', now - 6 * MINUTE);
  ada.visitorSays('They have it. Merci beaucoup!\nOne more thing: can I still change the L for an M?', now - 2 * MINUTE);
  ada.state = { ...ada.state, assignee: who(mei), assignmentEpoch: 1 };

  const bo = world.addRoom('', { site: shop.id, createdAt: now - 9 * MINUTE, locale: 'en-GB', timezone: 'Europe/London', pageUrl: 'https://northwind.example/', userAgent: IPHONE, country: 'GB' });
  bo.visitorSays('hi, is anyone there?', now - 9 * MINUTE);
  bo.visitorSays('I need the tent before friday', now - 8 * MINUTE);

  const chen = world.addRoom('陈晓明', { site: china.id, createdAt: now - 3 * MINUTE, email: 'xm.chen@example.cn', locale: 'zh-CN', timezone: 'Asia/Shanghai', pageUrl: 'https://northwind.cn.example/p/2231', pageTitle: '登山鞋 2231', country: 'CN' });
  chen.visitorSays('你好，请问这款登山鞋有42码的吗？', now - 3 * MINUTE);

  const long = world.addRoom('Priya Raman', { site: shop.id, createdAt: now - 5 * DAY, email: 'priya@example.in', userAgent: CHROME, country: 'IN', timezone: 'Asia/Kolkata', locale: 'en' });
  for (let i = 1; i <= 260; i++) {
    const at = now - 5 * DAY + i * 26 * MINUTE;
    if (i % 3 === 0) long.agentSays(i % 2 ? tom : mei, `Answer ${i}: we have looked into it, and this is what we found about point ${i}.`, at);
    else long.visitorSays(`Question ${i}: what about the warranty of item ${i}?${i % 7 === 0 ? '\nIt has a second line.' : ''}`, at);
    if (i % 40 === 0) long.noteBy(tom, `Note after ${i}: asked the warehouse.`, at + MINUTE);
  }
  long.visitorOnline = false;
  long.state = { ...long.state, assignee: who(mei), assignmentEpoch: 1 };

  const omar = world.addRoom('عمر خالد', { site: shop.id, createdAt: now - 50 * MINUTE, locale: 'ar', timezone: 'Asia/Riyadh' });
  omar.visitorSays('مرحبا، هل يمكنني تغيير عنوان التوصيل؟', now - 50 * MINUTE);
  omar.agentSays(tom, 'Hello Omar, yes. Which address shall we use?', now - 44 * MINUTE);
  omar.state = { ...omar.state, assignee: who(tom), assignmentEpoch: 1 };

  const snoozed = world.addRoom('Greta Holm', { site: shop.id, createdAt: now - 2 * DAY });
  snoozed.visitorSays('Please tell me when the blue one is back.', now - 2 * DAY);
  snoozed.turn(STATUS.SNOOZED, who(mei), now - DAY, now + 18 * HOUR);
  snoozed.visitorOnline = false;

  const done = world.addRoom('Ada Moreau', { site: shop.id, createdAt: now - 30 * DAY, visitor: ada.profile.id, email: 'ada.moreau@example.com' });
  done.visitorSays('Do you ship to Corsica?', now - 30 * DAY);
  done.agentSays(tom, 'We do, it takes two days more.', now - 30 * DAY + HOUR);
  done.turn(STATUS.RESOLVED, who(tom), now - 30 * DAY + 2 * HOUR);
  done.visitorOnline = false;

  const NAMES = ['Jonas Weber', 'Sofia Rossi', 'Nils', 'Amara Diallo', '', 'Kenji Sato', 'Eva Novák', '王芳', 'Lucas Pereira', 'Hanna Virtanen'];
  NAMES.forEach((name, i) => {
    const room = world.addRoom(name, { site: i % 4 === 3 ? china.id : shop.id, createdAt: now - (70 + i * 37) * MINUTE });
    room.visitorSays(['Can I pick it up in the store?', 'My code WINTER does not work.', 'Which wax for which snow?', 'I would like to return the boots, they are too narrow.', '发票可以开公司抬头吗？'][i % 5], now - (60 + i * 37) * MINUTE);
    room.visitorOnline = i % 3 === 0;
    if (i % 2) {
      room.agentSays(i % 4 === 1 ? tom : mei, 'Let me check that for you.', now - (55 + i * 37) * MINUTE);
      room.state = { ...room.state, assignee: who(i % 4 === 1 ? tom : mei), assignmentEpoch: 1 };
    }
  });
  return { mei, tom, lina, shop, china, support, chinese, ada, bo, chen, long, omar, snoozed, done };
}
