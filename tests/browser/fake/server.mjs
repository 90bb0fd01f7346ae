// A server for the console alone: serves the built files under the product's own policy, answers
// docs/api.md from memory, and speaks the sockets with the shared codec. Tests reach into its world, and can cut it.
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { npm } from '../../../scripts/lib/npm.mjs';
import { answer } from './api.mjs';
import { Refusal } from './refusal.mjs';
import { wire } from './wire.mjs';
import { FakeWorld } from './world.mjs';

const { WebSocketServer } = npm('ws');

export const POLICY = /^\/console\/\*\n +Content-Security-Policy: (.+)$/m.exec(readFileSync(new URL('../../../deploy/_headers', import.meta.url), 'utf8'))[1];

const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.json': 'application/json' };

/** Starts it on `port` (0: any); `files` is the folder that holds the built console. */
export async function startFake({ files, port = 0 }) {
  const world = new FakeWorld();
  /** up; down: nothing answers; stalled: sockets stay open and say nothing. */
  const line = { state: 'up' };

  const http = createServer(async (request, response) => {
    if (line.state !== 'up') return request.socket.destroy();
    const url = new URL(request.url, world.url);
    if (url.pathname.startsWith('/api/v1/')) return void api(world, request, response, url);
    const picture = world.pictures.get(url.pathname.split('/pictures/')[1]);
    if (picture) return void response.writeHead(200, { 'Content-Type': 'image/webp' }).end(picture);
    return void serve(files, url.pathname, response);
  });

  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => 'bellhop.v1.proto' });
  http.on('upgrade', (request, socket, head) => {
    if (line.state !== 'up') return socket.destroy();
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim());
    const ticket = offered.find((one) => one.startsWith('ticket.'))?.slice('ticket.'.length);
    const held = world.tickets.get(ticket);
    const { pathname } = new URL(request.url, world.url);
    const room = /^\/v1\/rooms\/([^/]+)\/socket$/u.exec(pathname)?.[1];
    const target = pathname === '/v1/desk/socket' ? world.desk : world.rooms.get(room);
    return sockets.handleUpgrade(request, socket, head, (open) => {
      if (!held || held.agent.state !== 'active' || !world.sessions.has(held.session)) return open.close(4501, 'revoked');
      if (!target) {
        open.send(wire.encode('AgentFrame', { error: { code: 'not_found', message: 'no such conversation' } }));
        return open.close(4500, 'refused');
      }
      return attend(world, line, open, held, target);
    });
  });

  await new Promise((resolve) => http.listen(port, '127.0.0.1', resolve));
  world.url = `http://localhost:${http.address().port}`;
  return {
    world,
    url: world.url,
    /** Ends every socket without a word. */
    cut() {
      for (const { socket } of world.sockets) socket.terminate();
    },
    setLine(state) {
      line.state = state;
      if (state === 'down') this.cut();
    },
    async close() {
      this.cut();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

function attend(world, line, socket, { agent, session }, target) {
  const held = { socket, agent, session };
  world.sockets.add(held);
  socket.on('message', (data, isBinary) => {
    if (line.state === 'stalled') return;
    if (!isBinary) return void (String(data) === 'ping' && socket.send('pong'));
    target.take(socket, agent, wire.decode('ClientFrame', new Uint8Array(data)));
  });
  socket.on('close', () => {
    world.sockets.delete(held);
    target.leave(socket);
  });
}

async function api(world, request, response, url) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const session = /(?:^|; )fake=([^;]+)/u.exec(request.headers.cookie ?? '')?.[1];
  const send = (status, value, headers = {}) => {
    if (Buffer.isBuffer(value)) return void response.writeHead(status, { 'Content-Type': 'application/octet-stream' }).end(value);
    response.writeHead(status, { 'Cache-Control': 'no-store', 'Content-Type': 'application/json', ...headers });
    response.end(value === undefined ? undefined : JSON.stringify(value));
  };
  try {
    if (request.method !== 'GET' && request.headers.origin !== world.url) throw new Refusal(403, 'origin_refused');
    const isFile = request.headers['content-type'] === 'application/octet-stream';
    const parsed = isFile ? body : body.length ? JSON.parse(body.toString()) : {};
    const [status, value, cookie] = answer(world, request.method, url.pathname.slice('/api/v1'.length), url.searchParams, parsed, session);
    send(status, value, cookie ? { 'Set-Cookie': `fake=${cookie}; Path=/; HttpOnly; SameSite=Strict` } : {});
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    send(error.status, { type: 'about:blank', title: error.code, status: error.status, code: error.code, ...error.extra }, { 'Content-Type': 'application/problem+json' });
  }
}

async function serve(files, path, response) {
  const inside = path.startsWith('/console/') ? normalize(path.slice('/console'.length)) : '';
  const name = inside && extname(inside) ? inside : '/index.html';
  try {
    const content = await readFile(join(files, name));
    const type = TYPES[extname(name)] ?? 'application/octet-stream';
    response.writeHead(200, { 'Content-Type': type, 'X-Content-Type-Options': 'nosniff', 'Content-Security-Policy': POLICY });
    response.end(content);
  } catch {
    response.writeHead(404);
    response.end();
  }
}
