// A deployment for one test file: a server with the demo workspace, and the people who use it.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { demo } from '../../../scripts/lib/demo.mjs';
import { migrate, ops } from '../../../scripts/lib/ops.mjs';
import { start } from '../../../scripts/lib/server.mjs';
import { Socket } from './socket.mjs';

export const DEMO_SITE = 'site_demodemodemodemo';

/** The header in which tests say from which address they come. Limits count per address. */
export const ADDRESS = 'x-test-address';

/** Starts a server, migrates, seeds; ends it after `t`. Options are those of `start`. */
export async function world(t, { vars = {}, seed = demo, edit, ...options } = {}) {
  const untimed = (config) => {
    // A cron that rings in the middle of a test, once in five minutes, would tell what the test wants untold.
    delete config.triggers;
    edit?.(config);
  };
  const server = await start({ ...options, edit: untimed, vars: { BELLHOP_DEMO: '1', BELLHOP_TEST: '1', BELLHOP_LOOPBACK: '1', BELLHOP_EVENTS_DELAY_MS: '50', BELLHOP_CLIENT_IP_HEADER: ADDRESS, ...vars } });
  t.after(() => server.stop());
  const call = (route, body) => ops(server.url, server.secrets.BELLHOP_OPS_KEY, route, body);
  await migrate(server.url, server.secrets.BELLHOP_OPS_KEY);
  const seeded = seed ? await call('seed', seed) : undefined;
  return { server, url: server.url, ops: call, seeded, people: seed };
}

let addresses = 0;
/** An address that nobody has used yet. */
export const newAddress = () => `10.${(addresses >> 16) & 255}.${(addresses >> 8) & 255}.${addresses++ & 255}`;

/** A request as the console or a page makes it; the answer with its body read. */
export async function request(world, method, path, { body, origin = world.url, cookie, address, headers = {} } = {}) {
  const answer = await fetch(new URL(path, world.url), {
    method,
    redirect: 'manual',
    headers: {
      ...(origin ? { origin } : {}),
      ...(cookie ? { cookie } : {}),
      ...(address ? { [ADDRESS]: address } : {}),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined || typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  });
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const text = new TextDecoder().decode(bytes);
  const json = /json/.test(answer.headers.get('content-type') ?? '') && text ? JSON.parse(text) : undefined;
  return { status: answer.status, headers: answer.headers, bytes, text, json, cookie: answer.headers.getSetCookie().map((it) => it.split(';')[0]).join('; ') };
}

/** The same, where anything but success fails the test. */
export async function ok(world, method, path, options) {
  const answer = await request(world, method, path, options);
  assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text}`);
  return answer;
}

/** A visitor's browser profile: it keeps the visitor token, as first-party storage would. */
export class Visitor {
  constructor(world, { site = DEMO_SITE, origin = world.url, address = newAddress() } = {}) {
    Object.assign(this, { world, site, origin, address });
  }

  /** `POST /v1/session`: ticket and conversation, new or the one of before. */
  async session() {
    const body = { site: this.site, ...(this.token ? { token: this.token, conversation: this.conversation } : {}) };
    const { json } = await ok(this.world, 'POST', '/v1/session', { body, origin: this.origin, address: this.address });
    Object.assign(this, { token: json.token, conversation: json.conversation, ticket: json.ticket, id: json.visitor });
    return json;
  }

  /** A socket of this visitor that has said hello, with the `welcome` it got. */
  async connect({ encoding = 'json', hello = {}, ticket, lingers } = {}) {
    if (!this.ticket) await this.session();
    const socket = await Socket.open(`${this.world.url}/v1/rooms/${this.conversation}/socket`, { encoding, lingers, ticket: ticket ?? this.ticket, origin: this.origin, headers: { [ADDRESS]: this.address } });
    const welcome = await socket.ask({ hello }, 'welcome');
    return Object.assign(socket, { welcome });
  }
}

/** An agent in a browser: signs in, keeps the cookie, takes tickets. */
export class Agent {
  constructor(world, { email, password }, address = newAddress()) {
    Object.assign(this, { world, email, password, address });
  }

  static async signIn(world, person) {
    const agent = new Agent(world, person);
    const { cookie, json } = await ok(world, 'POST', '/api/v1/login', { body: { email: agent.email, password: agent.password }, address: agent.address });
    return Object.assign(agent, { cookie, me: json.me });
  }

  call(method, path, body) {
    return ok(this.world, method, `/api/v1${path}`, { body, cookie: this.cookie, address: this.address });
  }

  try(method, path, body) {
    return request(this.world, method, `/api/v1${path}`, { body, cookie: this.cookie, address: this.address });
  }

  /** Sends a bot's model. */
  sendModel(file, query = '') {
    return this.sendFile(`/bot/models${query}`, file);
  }

  /** Sends any file, a picture as well. */
  sendFile(path, file) {
    const headers = { 'content-type': 'application/octet-stream' };
    return request(this.world, 'POST', `/api/v1${path}`, { body: file, headers, cookie: this.cookie, address: this.address });
  }

  async ticket() {
    return (await this.call('POST', '/tickets', {})).json.ticket;
  }

  async #socket(path, { encoding = 'json', lingers, ticket } = {}) {
    return Socket.open(`${this.world.url}${path}`, { encoding, lingers, ticket: ticket ?? (await this.ticket()), origin: this.world.url, headers: { [ADDRESS]: this.address } });
  }

  /** A socket in a conversation that has said hello, with both welcomes. */
  async connect(conversation, { hello = {}, ...options } = {}) {
    const socket = await this.#socket(`/v1/rooms/${conversation}/socket`, options);
    socket.send({ hello });
    return Object.assign(socket, { welcome: await socket.next('welcome'), privateWelcome: await socket.next('privateWelcome') });
  }

  /** The live list. */
  async desk({ hello = {}, ...options } = {}) {
    const socket = await this.#socket('/v1/desk/socket', options);
    const deskWelcome = await socket.ask({ deskHello: hello }, 'deskWelcome');
    return Object.assign(socket, { deskWelcome });
  }
}

/** A message with a fresh client id; the id is in it. */
export const message = (text, clientId = randomUUID()) => ({ send: { clientId, text } });

/** Sends and waits for the ack; it carries the text, for the test's own books. */
export async function say(socket, text, clientId = randomUUID()) {
  const ack = await socket.ask(message(text, clientId), 'ack', (it) => it.clientId === clientId);
  return { ...ack, text };
}
