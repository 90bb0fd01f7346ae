// The same conversation with the sides exchanged: an agent at the console in Chromium behind the line, the visitor on firm
// ground.
import { demo } from '../../../scripts/lib/demo.mjs';
import { Visitor, world } from '../../e2e/lib/world.mjs';
import { Wire } from '../wire.mjs';
import { Peer } from './peer.mjs';
import { spy } from './spy.mjs';
import { Talk, until } from './talk.mjs';

/**
 * A server of its own with the address of its line: the console is of the server's own origin, so whose line is bad has
 * a server to themselves, or takes turns.
 */
export async function openLane(t) {
  const wire = new Wire();
  const url = await wire.listen();
  const it = await world(t, { vars: { BELLHOP_URL: url, BELLHOP_LIMIT_FACTOR: '100' } });
  wire.to(it.server.port);
  return { wire, url, it };
}

export class DeskTalk extends Talk {
  words = { sending: ['sending'], waiting: ['waiting'], arrived: ['sent', 'delivered', 'read'] };
  /** A console keeps what it has not sent in its tab. */
  bequeaths = false;
  field = 'form.composer textarea';

  /** `lane`: a server and its line, from `openLane`. */
  static async begin({ lane, engine, storageBlocked, slow }) {
    const talk = new DeskTalk();
    const { wire, url, it } = lane;
    const visitor = new Visitor(it, { origin: url });
    const context = await engine.context();
    context.setDefaultTimeout(60_000);
    await context.addInitScript(spy, { storageBlocked, desk: true });
    Object.assign(talk, { wire, url, server: it.server, visitor, context, engine });
    talk.peer = await Peer.join((hello) => visitor.connect({ hello }));
    await talk.peer.say('hello');
    wire.mend();
    talk.page = await talk.visit();
    if (slow) wire.slow(...slow);
    return talk;
  }

  /** A window of the console with the conversation in it; signs in where nobody has. */
  async visit() {
    const raw = await this.context.newPage();
    const page = this.engine.page(raw, (selector) => raw.locator(selector).first());
    this.pages.push(page);
    const inbox = `${this.url}/console/inbox/all/${this.visitor.conversation}`;
    await raw.goto(this.page ? inbox : `${this.url}/console/`);
    if (!this.page) {
      const { email, password } = demo.agents[0];
      await raw.getByLabel('E-mail').fill(email);
      await raw.getByLabel('Password', { exact: true }).fill(password);
      await raw.locator('form button[type=submit]').click();
      await raw.locator('nav.views').waitFor();
      await raw.goto(inbox);
    }
    await until(async () => (await this.shown(page)).includes('hello'), 'the conversation');
    return page;
  }

  async greet() {
    await this.write('welcome');
    await until(() => this.peer.texts().includes('welcome'), 'the first answer');
    await until(() => this.says(this.words.arrived), 'the first answer as sent');
  }

  async end() {
    await super.end();
    await this.context.close();
  }
}
