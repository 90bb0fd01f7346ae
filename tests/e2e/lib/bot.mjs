// A workspace whose bot has learnt, and what is asked of it.
import assert from 'node:assert/strict';
import { BACKDOOR } from './backdoor.mjs';
import { trained } from './model.mjs';
import { SENDER } from './wire.mjs';
import { Agent, message, world } from './world.mjs';

/** A server with a bot that knows these intents, its owner and an agent; further options are those of `world`. */
export async function shop(t, { intents, model = trained(), on = true, ...options }) {
  const it = await world(t, { entry: BACKDOOR, ...options });
  const [owner, mei] = await Promise.all([it.people.owner, it.people.agents[0]].map((person) => Agent.signIn(it, person)));
  assert.equal((await owner.call('POST', '/intents/import', { intents })).json.live, true);
  assert.equal((await owner.sendModel(model)).json.live, true);
  if (on) assert.equal((await owner.call('PATCH', '/bot', { enabled: true })).json.live, true);
  return { it, owner, mei };
}

export const isBots = ({ sender }) => sender.kind === SENDER.BOT;

/** What the bot says to a message. */
export async function asks(socket, text, choice) {
  const since = socket.frames.length;
  const sent = message(text);
  if (choice) sent.send.choice = choice;
  socket.send(sent);
  return socket.next('message', isBots, { since });
}

/** A conversation’s row as a console has it. */
export const rowOf = (desk, conversation) => [...desk.deskWelcome.rows, ...desk.all('deskUpdate').flatMap(({ rows = [] }) => rows)].findLast((row) => row.conversation === conversation);
