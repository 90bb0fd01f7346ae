// One chat as widget and console conduct it, for the bytes that it takes on the line in each encoding: both write in
// turn, and everything that goes with a message goes along (typing, acknowledgement, delivered, read, receipts).
import { Agent, Visitor } from '../../../tests/e2e/lib/world.mjs';
import { CLIENT_ID, TEXT } from './seats.mjs';

/** Messages of each side. */
const TURNS = 20;

/** Payload of all frames of both sockets, both ways, per message. */
export async function chat(world, encoding) {
  const [person, colleague] = [new Visitor(world), await Agent.signIn(world, world.people.agents[0])];
  const visitor = await person.connect({ encoding });
  let agent;
  for (let turn = 0; turn < TURNS; turn++) {
    await write(visitor, agent, turn * 2 + 1);
    agent ??= await colleague.connect(person.conversation, { encoding });
    await write(agent, visitor, turn * 2 + 2);
  }
  const bytes = visitor.bytes + agent.bytes;
  await Promise.all([visitor.close(), agent.close()]);
  return bytes / (TURNS * 2);
}

/** A message, from the first letter until its writer knows that it was read. */
async function write(from, to, seq) {
  const clientId = CLIENT_ID.slice(0, -String(seq).length) + seq;
  from.send({ typing: { on: true } });
  await to?.next('typing');
  const acked = from.next('ack', (it) => it.clientId === clientId);
  from.send({ send: { clientId, text: TEXT } });
  await Promise.all([acked, to?.next('message', (it) => it.seq === seq)]);
  if (!to) return;
  to.send({ delivered: { seq } });
  to.send({ read: { seq } });
  await from.next('receipt', (it) => it.read >= seq);
}
