// INV-14: every kind of credential at every door. A door opens for its own kind, whole, and for nothing else.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { opsToken } from '../../scripts/lib/ops.mjs';
import { forgeries } from './lib/forge.mjs';
import { frame, rawRoom } from './lib/raw.mjs';
import { Socket } from './lib/socket.mjs';
import { Agent, DEMO_SITE, newAddress, request, say, Visitor, world } from './lib/world.mjs';

let it;
let mei;
let visitor;
let tokens;
const ending = [];

before(async () => {
  it = await world({ after: (end) => ending.push(end) });
  mei = await Agent.signIn(it, it.people.agents[0]);
  visitor = new Visitor(it);
  const v = await visitor.connect();
  await say(v, 'hello');
  await v.close();
  [cookieName, cookieValue] = mei.cookie.split('=');
  tokens = { session: cookieValue, visitor: visitor.token, 'visitor ticket': visitor.ticket, 'agent ticket': await mei.ticket(), ops: opsToken(it.server.secrets.BELLHOP_OPS_KEY) };
});
after(async () => {
  for (const end of ending) await end();
});
let cookieName;
let cookieValue;

/** A socket's fate: `open` if it answers `hello`, or the code of the error frame before its close. */
async function knock(path, hello, ticket, origin = it.url) {
  const socket = await Socket.open(`${it.url}${path}`, { ticket, origin: origin ?? undefined, headers: { 'x-test-address': newAddress() } });
  socket.send(hello);
  const outcome = await Promise.race([socket.next('welcome').then(() => 'open', () => undefined), socket.next('deskWelcome').then(() => 'open', () => undefined), socket.closed.then(() => undefined)]);
  if (outcome) {
    await socket.close();
    return outcome;
  }
  const { code } = await socket.closed;
  assert.ok(code === 4010 || (code >= 4500 && code < 5000), `closed with ${code}`);
  return socket.all('error').at(-1)?.code;
}

const http = async (...args) => {
  const answer = await request(it, ...args);
  return answer.status < 300 ? 'open' : answer.json?.code;
};

/** Each door: how a credential is carried there, and the kinds that it opens for. */
const DOORS = {
  'GET /api/v1/me': { opens: ['session'], knock: (token) => http('GET', '/api/v1/me', { cookie: `${cookieName}=${token}` }) },
  'POST /api/v1/tickets': { opens: ['session'], knock: (token) => http('POST', '/api/v1/tickets', { cookie: `${cookieName}=${token}`, body: {} }) },
  'POST /v1/session': { opens: ['visitor'], knock: (token) => http('POST', '/v1/session', { body: { site: DEMO_SITE, token }, address: newAddress() }) },
  'GET /ops/v1/health': { opens: ['ops'], knock: (token) => http('GET', '/ops/v1/health', { origin: null, headers: { authorization: `Bearer ${token}` } }) },
  'a Room\u2019s socket': { opens: ['visitor ticket', 'agent ticket'], knock: (token) => knock(`/v1/rooms/${visitor.conversation}/socket`, { hello: {} }, token) },
  'the Desk\u2019s socket': { opens: ['agent ticket'], knock: (token) => knock('/v1/desk/socket', { deskHello: {} }, token) },
};

/** Which table of forgeries a kind of token has. */
const FORGED_AS = { session: 'session', visitor: 'visitor', 'visitor ticket': 'ticket', 'agent ticket': 'ticket', ops: 'ops' };

const NONSENSE = { empty: '', word: 'letmein', dots: '..', 'three words': 'a.b.c', long: 'a'.repeat(3_000), bytes: '%00%ff' };

for (const [door, { opens, knock: at }] of Object.entries(DOORS)) {
  describe(`INV-14: ${door}`, () => {
    for (const kind of ['session', 'visitor', 'visitor ticket', 'agent ticket', 'ops']) {
      test(`${opens.includes(kind) ? 'opens for' : 'refuses'} the ${kind} token`, async () => {
        const outcome = await at(tokens[kind]);
        if (opens.includes(kind)) assert.equal(outcome, 'open');
        else assert.ok(['unauthorized', 'forbidden'].includes(outcome), String(outcome));
      });
    }
    test('refuses every forgery of its own kind, in the same words', async () => {
      let tried = 0;
      for (const kind of opens) {
        for (const [name, token] of Object.entries(forgeries(it.server.secrets, FORGED_AS[kind], tokens[kind]))) {
          // A subprotocol that no browser could offer.
          if (door.includes('socket') && !/^[\w.=+/-]+$/.test(token)) continue;
          const expected = name === 'expired' && door.includes('socket') ? 'ticket_expired' : 'unauthorized';
          assert.equal(await at(token), expected, `${kind}: ${name}`);
          tried++;
        }
      }
      assert.ok(tried >= 25, String(tried));
      console.log(`${tried} forged tokens at ${door}`);
    });
    test('refuses nonsense', async () => {
      for (const [name, token] of Object.entries(NONSENSE)) {
        // An empty subprotocol can't be offered; without any the door is that of the next test.
        if (door.includes('socket') && !/^[\w.]+$/.test(token)) continue;
        const outcome = await at(token);
        assert.ok(['unauthorized', 'bad_request'].includes(outcome), `${name}: ${outcome}`);
      }
    });
  });
}

test('a socket without a ticket, and one without a subprotocol, do not open; a cookie alone never does', async () => {
  for (const path of [`/v1/rooms/${visitor.conversation}/socket`, '/v1/desk/socket']) {
    assert.equal(await knock(path, { hello: {} }, undefined), 'unauthorized', path);
    const withCookie = new Socket(`${it.url}${path}`, { origin: it.url, headers: { cookie: mei.cookie } });
    await withCookie.opened;
    const { code } = await withCookie.closed;
    assert.equal(withCookie.all('error').at(-1).code, 'unauthorized');
    assert.ok(code >= 4500);
    await assert.rejects(Socket.open(`${it.url}${path}`, { protocols: [], origin: it.url, headers: { cookie: mei.cookie } }), (error) => error.status >= 400 && error.status < 500);
    assert.equal((await request(it, 'GET', path)).status, 426);
  }
});

describe('INV-15: origin', () => {
  const EVIL = ['https://evil.example', 'null', 'http://localhost.evil.example', 'http://localhost:1'];
  test('another page can use neither session nor socket', async () => {
    for (const origin of EVIL) {
      assert.equal(await http('POST', '/v1/session', { body: { site: DEMO_SITE }, origin, address: newAddress() }), 'origin_refused', origin);
      assert.equal(await http('POST', '/api/v1/tickets', { cookie: mei.cookie, body: {}, origin }), 'origin_refused', origin);
      assert.equal(await knock(`/v1/rooms/${visitor.conversation}/socket`, { hello: {} }, tokens['visitor ticket'], origin), 'origin_refused', origin);
      assert.equal(await knock('/v1/desk/socket', { deskHello: {} }, tokens['agent ticket'], origin), 'origin_refused', origin);
    }
  });
  test('an unsafe request needs an origin; a ticket without one passes, for it is no browser', async () => {
    assert.equal(await http('POST', '/api/v1/tickets', { cookie: mei.cookie, body: {}, origin: null }), 'origin_refused');
    assert.equal(await knock(`/v1/rooms/${visitor.conversation}/socket`, { hello: {} }, tokens['visitor ticket'], null), 'open');
  });
  test('a form of another page can not post', async () => {
    const answer = await request(it, 'POST', '/api/v1/tickets', { cookie: mei.cookie, body: '{}', headers: { 'content-type': 'text/plain' } });
    assert.equal(answer.json.code, 'unsupported_media_type');
  });
  test('nobody becomes somebody by a header of ours', async () => {
    const principal = JSON.stringify({ kind: 'agent', workspace: it.seeded.workspace, agent: mei.me.id });
    const headers = { 'x-bellhop-principal': principal, 'x-bellhop-encoding': 'json' };
    assert.equal((await request(it, 'GET', '/api/v1/me', { headers })).json.code, 'unauthorized');
    const socket = await Socket.open(`${it.url}/v1/desk/socket`, { origin: it.url, headers });
    await socket.closed;
    assert.equal(socket.all('error').at(-1).code, 'unauthorized');
  });
});

test('INV-8: an id of nowhere is not found, whoever asks', async () => {
  const other = `cnv_${'0'.repeat(64)}`;
  assert.equal((await mei.try('GET', `/conversations/${other}`)).json.code, 'not_found');
  assert.equal((await mei.try('GET', '/conversations/../../ops')).status >= 400, true);
  assert.equal(await knock(`/v1/rooms/${other}/socket`, { hello: {} }, tokens['agent ticket']), 'not_found');
  assert.equal(await knock(`/v1/rooms/${other}/socket`, { hello: {} }, tokens['visitor ticket']), 'not_found');
});

test('whoever an object refuses is told why and shown out by the gateway, and the line ends with their answer', async () => {
  const stranger = new Visitor(it);
  await stranger.session();
  // Before the first message there is nothing that an agent could open: the Room says so, not the gateway.
  const raw = await rawRoom({ world: it, conversation: stranger.conversation, ticket: await mei.ticket(), address: mei.address });
  assert.ok(await raw.over());
  assert.deepEqual([raw.closeCode, raw.said.map(({ error }) => error?.code)], [4500, ['not_found']]);
  raw.write(frame(Buffer.from([0x11, 0x94]), { opcode: 8 }));
  assert.ok(await raw.until(({ line }) => line.destroyed), 'the line is still open');
});

test('roles: an agent does not do what is the owner\u2019s', async () => {
  const owner = await Agent.signIn(it, it.people.owner);
  const refused = [
    ['POST', '/agents', { name: 'X', email: 'x@example.com', role: 'agent' }],
    ['POST', `/agents/${owner.me.id}/disable`, {}],
    ['POST', '/sites', { name: 'X', domains: [] }],
    ['PATCH', `/sites/${DEMO_SITE}`, { name: 'X' }],
    ['GET', '/audit'],
  ];
  for (const [method, path, body] of refused) assert.equal((await mei.try(method, path, body)).json?.code, 'forbidden', `${method} ${path}`);
  // Nobody shuts the last owner out, not even the owner.
  assert.ok([403, 409].includes((await owner.try('POST', `/agents/${owner.me.id}/disable`, {})).status));
});

test('wrong credentials say nothing about what was wrong, and lock the address after ten', async () => {
  const wrong = (email, password) => request(it, 'POST', '/api/v1/login', { body: { email, password }, address: newAddress() });
  const [unknown, known] = [await wrong('nobody@example.com', 'some password'), await wrong(it.people.agents[1].email, 'some password')];
  assert.deepEqual([unknown.status, unknown.json], [known.status, known.json]);
  assert.equal(known.json.code, 'wrong_credentials');
  let last;
  for (let n = 0; n < 12; n++) last = await wrong(it.people.agents[1].email, `some password ${n}`);
  assert.equal(last.json.code, 'locked_out');
  assert.ok(last.json.retry_after_ms > 0 && Number(last.headers.get('retry-after')) > 0);
  assert.equal((await wrong(it.people.agents[1].email, it.people.agents[1].password)).json.code, 'locked_out', 'even the right one');
});

test('a set-up token works for nobody once there is an owner', async () => {
  assert.equal((await request(it, 'GET', '/api/v1/setup')).json.needed, false);
  const body = { token: it.server.secrets.BELLHOP_SETUP_TOKEN, workspace: 'Mine', name: 'M', email: 'm@example.com', password: 'a good long one' };
  const answer = await request(it, 'POST', '/api/v1/setup', { body, address: newAddress() });
  assert.ok([403, 404, 409, 410].includes(answer.status), answer.text);
});
