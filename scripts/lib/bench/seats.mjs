// Who sits where in a bench: what the driver needs to open sockets and to write a message, for Bellhop in both encodings
// and for the bare object. The driver itself knows no protocol.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodings } from '../../../tests/e2e/lib/wire.mjs';
import { Agent, say, Visitor } from '../../../tests/e2e/lib/world.mjs';
import { EACH } from './servers.mjs';

/** Sixty bytes of text, 48 of them Chinese; the digits are the message's number. */
export const TEXT = '请问我昨天下的订单什么时候能发货呢 #00000000 ok';
/** A name as our clients draw them. */
export const CLIENT_ID = '00000000000000000000';

const bytes = (frame) => Buffer.from(frame);
const hex = (frame) => bytes(frame).toString('hex');
const place = (frame, text) => {
  const at = bytes(frame).indexOf(text);
  return at < 0 ? undefined : at;
};

/** A message for the driver: the frame, and where its changing parts stand. */
const message = (frame) => ({ frame: hex(frame), id_at: place(frame, CLIENT_ID) ?? null, number_at: place(frame, '#00000000') + 1 });

/** The bytes that a `welcome` begins with: in JSON its key, in protobuf the tag of field 1. */
const READY = { json: '{"welcome"', proto: encodings.proto.encode({ hello: {} }).subarray(0, 1) };

/** Frames of Bellhop in one encoding. */
export function speech(encoding) {
  const { encode } = encodings[encoding];
  return { text: encoding === 'json', hello: hex(encode({ hello: {} })), ready: hex(READY[encoding]), messages: [message(encode({ send: { clientId: CLIENT_ID, text: TEXT } }))] };
}

/** What is in every frame with a message of the bot's, and in that which says this. */
const BOTS = '"kind":"BOT"';
const saying = (text) => `"text":${JSON.stringify(text)}`;

/** JSON frames with these messages in turn, each with what a bot says to it; `isAnswered`: there is a bot. */
export function asked(texts, { isAnswered }) {
  const frame = (text) => encodings.json.encode({ send: { clientId: CLIENT_ID, text: `${text} #00000000` } });
  const messages = texts.map(({ text, says }) => ({ ...message(frame(text)), answer: hex(saying(says)) }));
  return { ...speech('json'), messages, answer: isAnswered ? hex(BOTS) : null };
}

/** Frames of the bare object: the text itself. */
export const bareSpeech = { text: true, hello: null, ready: null, messages: [message(TEXT)] };

/** Rooms of the bare object: two sockets each. */
export const bareRooms = (count) => Array.from({ length: count }, (_, room) => room).flatMap((room) => [bareSeat(room), bareSeat(room)]);
const bareSeat = (room) => ({ path: `/room/bench-${room}`, protocols: 'bench', headers: '' });

/** A first message, which makes the conversation. A full server says when to come again. */
async function begin(visitor) {
  for (;;) {
    try {
      const socket = await visitor.connect();
      await say(socket, 'Hello', randomUUID());
      return await socket.cut();
    } catch (error) {
      const wait = Number(/"overloaded".*"retryAfterMs":(\d+)/.exec(error.message)?.[1]);
      if (!wait) throw error;
      await sleep(wait);
    }
  }
}

/**
 * Conversations that have begun, and who is in them. An agent has as many as on a very busy day.
 * @returns `{visitors, seats(encoding, rooms), tabs(encoding)}`
 */
export async function conversations(world, count, address) {
  const team = await Promise.all(world.people.agents.slice(0, Math.ceil(count / EACH)).map((person) => Agent.signIn(world, person)));
  const visitors = Array.from({ length: count }, () => new Visitor(world));
  const queue = [...visitors];
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      for (let visitor = queue.shift(); visitor; visitor = queue.shift()) await begin(visitor);
    }),
  );
  const seat = (encoding, visitor, token) => ({
    path: `/v1/rooms/${visitor.conversation}/socket`,
    protocols: `${encodings[encoding].protocol}, ticket.${token}`,
    headers: `Origin: ${world.url}\r\n${address}: ${visitor.address}\r\n`,
  });
  /** The tickets of a run: those of visitors are good for a quarter of an hour. */
  const seats = async (encoding, rooms = count) => {
    const tickets = await Promise.all(team.map((agent) => agent.ticket()));
    return visitors.slice(0, rooms).flatMap((visitor, at) => [seat(encoding, visitor, visitor.ticket), seat(encoding, visitor, tickets[Math.floor(at / EACH)])]);
  };
  /** Nobody but the visitors: each writes in one tab and reads along in another. */
  const tabs = (encoding) => visitors.flatMap((visitor) => [seat(encoding, visitor, visitor.ticket), seat(encoding, visitor, visitor.ticket)]);
  return { visitors, seats, tabs };
}

/** The live list of each of these agents: sockets that say hello to the Desk and then only listen. */
export const consoles = (world, agents, address) =>
  Promise.all(
    agents.map(async (agent) => ({
      seat: { path: '/v1/desk/socket', protocols: `${encodings.proto.protocol}, ticket.${await agent.ticket()}`, headers: `Origin: ${world.url}\r\n${address}: ${agent.address}\r\n` },
      hello: hex(encodings.proto.encode({ deskHello: {} })),
    })),
  );
