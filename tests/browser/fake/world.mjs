// Everything that the fake server knows: a workspace with its team, sites and conversations, and who is signed in.
import { randomBytes } from 'node:crypto';
import { FakeBot } from './bot.mjs';
import { FakeDesk } from './desk.mjs';
import { FakeRoom } from './room.mjs';

const iso = (at) => new Date(at).toISOString();

export class FakeWorld {
  workspace = { id: 'ws_fake', name: 'Northwind Outfitters' };
  agents = [];
  sites = [];
  teams = [];
  tags = [];
  routing = {
    method: 'manual', capacity: 5, ring_seconds: 30, gone_minutes: 10, overflow_minutes: 5, reopen_hours: 24, last_agent_days: 30,
    ageing_minutes: 10, reserved_slots: 0, idle_minutes: 0, idle_warning_minutes: 5, form_minutes: 10, follow_up_seconds: 120,
    weights: { load: 60, idle: 40, language: 50, skill: 50, distance: 0 },
  };
  /** When the workspace is open; null: always. */
  hours = null;
  routingVersion = 1;
  /** Lines of the log of decisions, newest first; what a preview says, and what it was asked. For tests. */
  decisions = [];
  preview = null;
  previewed = null;
  /** How long visitors have waited today, as the Desk says it; for tests. */
  answers = null;
  /** Whether the Desk confirms new settings; for tests. */
  deskConfirms = true;
  /** It is of the time before teams: knows no such field and refuses each; for tests. */
  isOlder = false;
  /** What is under `/pictures/`, by hash. */
  pictures = new Map();
  /** Of sites that have a secret: `{secret, enforced}`. */
  identities = new Map();
  bot = new FakeBot();
  rooms = new Map();
  sessions = new Map();
  links = new Map();
  tickets = new Map();
  sockets = new Set();
  setupNeeded = false;
  lockedOut = false;
  url = '';
  desk = new FakeDesk(this);

  addAgent({ name, email, role = 'agent', state = 'active', password = 'correct horse' }) {
    const agent = { id: `agt_${randomBytes(10).toString('hex')}`, name, email, role, state, password, created_at: iso(Date.now()), capacity: null, languages: [], skills: [], location: null };
    this.agents.push(agent);
    return agent;
  }

  addSite(name, rest = {}) {
    const id = `site_${randomBytes(10).toString('hex')}`;
    const snippet = `<script async src="${this.url}/widget.js" data-site="${id}"></script>`;
    const site = { id, name, domains: [], greeting: '', color: '#0b6b6b', locale: '', team: null, snippet, created_at: iso(Date.now()), ...rest };
    this.sites.push(site);
    return site;
  }

  addRoom(name, { site = this.sites[0]?.id ?? '', createdAt = Date.now(), visitor, ...rest } = {}) {
    const id = `cnv_${randomBytes(32).toString('hex')}`;
    const profile = {
      id: visitor ?? `vis_${randomBytes(10).toString('hex')}`,
      name, email: '', verified: false, blocked: false, muted: false, locale: '', timezone: '', pageUrl: '', pageTitle: '', referrer: '',
      userAgent: '', country: '', attributes: new Map(), subject: '', level: 0, ...rest,
    };
    const room = new FakeRoom(this, { id, site, profile, createdAt });
    this.rooms.set(id, room);
    return room;
  }

  changed(room) {
    this.desk.changed(room);
  }

  signIn(agent) {
    const session = randomBytes(12).toString('hex');
    this.sessions.set(session, agent.id);
    return session;
  }

  ticket(agent, session) {
    const seconds = Math.floor(Date.now() / 1000);
    const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const ticket = `${part({ alg: 'none' })}.${part({ iat: seconds, exp: seconds + 900, jti: randomBytes(8).toString('hex') })}.x`;
    this.tickets.set(ticket, { agent, session });
    return ticket;
  }

  link(agent, purpose) {
    const token = randomBytes(12).toString('base64url');
    this.links.set(token, { agent, purpose });
    return { link: `${this.url}/console/link#${token}`, expires_at: iso(Date.now() + 72 * 3_600_000) };
  }

  signOutEverywhere(agent) {
    for (const [session, id] of this.sessions) if (id === agent.id) this.sessions.delete(session);
    this.endSockets((one) => one.agent === agent);
  }

  /** Closes sockets as revoked. */
  endSockets(which) {
    for (const one of this.sockets) if (which(one)) one.socket.close(4501, 'revoked');
  }
}
