// One conversation between a visitor in a real browser, behind a line of its own, and an agent: the gestures of both,
// and what must be true of it at the end, whatever the line did.
import assert from 'node:assert/strict';
import { demo } from '../../../scripts/lib/demo.mjs';
import { until as ask } from '../browser.mjs';
import { Wire } from '../wire.mjs';
import { Peer } from './peer.mjs';
import { shop } from './shop.mjs';

/** Longer than any wait of the client's that a scenario goes through, three times on a machine that has too much to do. */
const PATIENCE_MS = 180_000;

/** Asks again less often than the other tests do: a score of pages are asked at the same time. */
export const until = (question, what, within = PATIENCE_MS) => ask(question, what, within, 250);

/** The same, with the two sides in the failure. */
async function becomes(question, wanted, what) {
  let last;
  await until(async () => JSON.stringify((last = await question())) === JSON.stringify(wanted), what).catch(() => assert.deepEqual(last, wanted, what));
}

export class Talk {
  /** By text: no word that it has arrived is true before this time. */
  #truthFrom = new Map();
  #wrote = [];
  pages = [];
  /** What stands under a message: `arrived` may be said only of one that the server has. */
  words = { sending: ['Sending'], waiting: ['Waiting for network'], arrived: ['Sent', 'Delivered', 'Read'] };
  /** A window that closes leaves what it could not send to the others. */
  bequeaths = true;
  field = 'textarea';

  /** The visitor's page is open on a good line; nobody has said anything. `slow`: on a bad one from the beginning. */
  static async begin({ engine, world, agent, storageBlocked, slow, closed }) {
    const talk = new Talk();
    const wire = new Wire();
    const url = await wire.listen();
    wire.to(world.server.port);
    if (slow) wire.slow(...slow);
    Object.assign(talk, { engine, agent, wire, server: world.server, shop: await shop(url, { storageBlocked }) });
    try {
      talk.page = await (closed ? talk.look() : talk.visit());
    } catch (error) {
      await talk.end();
      throw error;
    }
    return talk;
  }

  /** Another window of the visitor on the shop. */
  async look() {
    const page = await this.engine.open(this.shop.url);
    this.pages.push(page);
    await until(() => page.ask(() => !!document.querySelector('bellhop-chat')), 'the launcher');
    return page;
  }

  /** The same, with the chat open. */
  async visit() {
    const page = await this.look();
    await page.click('.launcher');
    await this.opened(page);
    return page;
  }

  opened(page = this.page) {
    return until(() => page.ask(() => window.net.open()), 'the chat');
  }

  /** Both greet, so that there is a conversation. */
  async greet(write = true) {
    if (write) await this.write('hello');
    await until(() => this.says(this.words.arrived), 'the first message as sent');
    const { agent, wire } = this;
    this.peer = await Peer.join((hello) => agent.connect(wire.conversation, { hello }));
    await becomes(() => this.peer.texts(), ['hello'], 'the first message');
    await this.peer.say('welcome');
    await becomes(() => this.shown(), ['hello', 'welcome'], 'the first answer');
  }

  /** The visitor writes; `page`: in this window. */
  async write(text, page = this.page) {
    this.#wrote.push([page, text]);
    await page.type(this.field, `${text}\n`);
  }

  /** What the visitor reads, without the greeting. */
  async shown(page = this.page) {
    return (await page.ask(() => window.net.texts())).filter((text) => text !== demo.site.greeting);
  }

  diary(page = this.page) {
    return page.ask(() => window.net.diary);
  }

  /** Whether one of these words stands under the visitor's last message. */
  async says(words, page = this.page) {
    return words.includes((await this.diary(page)).at(-1)?.own.at(-1)?.[1]);
  }

  /** When this word first stood under this text, by the page's diary. */
  async said(text, words, page = this.page) {
    return (await this.diary(page)).find(({ own }) => own.some(([it, word]) => it === text && words.includes(word)))?.at;
  }

  /** Whether the line over the messages speaks; `since`: at any time after. */
  async complains(since, page = this.page) {
    const diary = await this.diary(page);
    return since === undefined ? !!diary.at(-1)?.line : diary.some(({ at, line }) => at > since && line);
  }

  /** For a failure: the last things shown, and what the other side and the line know. */
  async account() {
    const { passed, lost, joined } = this.wire;
    return JSON.stringify({ diary: (await this.diary()).slice(-8), shown: await this.shown(), peer: this.peer?.texts(), passed, lost, joined });
  }

  /** The server can't have told this visitor of these messages before now. */
  truth(...texts) {
    for (const text of texts) this.#truthFrom.set(text, Date.now());
  }

  /** Everything once, in one order on both sides; each side's words in the order of writing; nothing false was shown. */
  async holds() {
    const own = this.#wrote.map(([, text]) => text);
    const all = [...own, ...this.peer.wrote];
    let log;
    await until(async () => (log = await this.peer.log()).length >= all.length, 'everything on the server').catch(() => {});
    assert.deepEqual(log.toSorted(), all.toSorted(), 'on the server: everything, once');
    assert.deepEqual(log.filter((text) => this.peer.wrote.includes(text)), this.peer.wrote, 'in the order of the agent');
    for (const page of new Set(this.#wrote.map(([page]) => page))) {
      const here = this.#wrote.filter(([it]) => it === page).map(([, text]) => text);
      assert.deepEqual(log.filter((text) => here.includes(text)), here, 'in the order of the visitor');
    }
    await becomes(() => this.peer.texts(), log, 'the same at the agent');
    for (const page of this.pages) {
      await becomes(() => this.shown(page), log, 'the same in the widget');
      await until(async () => (await this.says(this.words.arrived, page)) && !(await this.complains(undefined, page)), 'a widget at peace');
      await this.honest(page);
    }
  }

  /** At no moment was a message called sent before it can have been, and the page has nothing to complain of. */
  async honest(page) {
    for (const { at, own } of await this.diary(page)) {
      for (const [text, word] of own) {
        const from = this.#truthFrom.get(text);
        assert.ok(!this.words.arrived.includes(word) || from === undefined || at >= from, `"${text}" was called ${word} ${Math.round(from - at)} ms too early`);
      }
    }
    assert.deepEqual(await page.ask(() => window.net.problems), []);
  }

  /** One more word each way, and everything holds. */
  async goesOn(word) {
    await this.write(`${word}?`);
    await until(() => this.peer.texts().includes(`${word}?`), 'a message after it');
    await this.peer.say(`${word}!`);
    await this.holds();
  }

  async leave(page) {
    this.pages = this.pages.filter((it) => it !== page);
    await page.close();
  }

  async end() {
    for (const page of this.pages) await page.close().catch(() => {});
    this.wire.close();
    this.shop?.close();
  }
}
