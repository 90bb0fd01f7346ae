// A Bellhop for a load driver that is not ours: prints the server's process id and how `bench/bellhop.toml` is used, and
// runs until it is interrupted. Such a driver knows HTTP steps and sockets, but a conversation begins with a visitor's
// first frame: so a second port makes one and gives back what its two sockets need.
//   PORT=8787  HELPER_PORT=8788  PROFILE=release  EVENTS_DELAY_MS=1100
import { createServer } from 'node:http';
import { Agent, say, Visitor } from '../tests/e2e/lib/world.mjs';
import { bellhop, EACH } from '../scripts/lib/bench/servers.mjs';
import { GATHERED_MS } from '../scripts/lib/bench/stages.mjs';
import { main } from '../scripts/lib/run.mjs';

const { PORT = '8787', HELPER_PORT = '8788', PROFILE = 'release', EVENTS_DELAY_MS = GATHERED_MS } = process.env;

await main(async () => {
  const world = await bellhop(PROFILE, EVENTS_DELAY_MS, { port: Number(PORT) });
  const team = await Promise.all(world.people.agents.map((person) => Agent.signIn(world, person)));
  const tickets = team.map(() => ({ at: 0 }));
  let begun = 0;
  /** The agent whose turn it is; a ticket opens sockets for some minutes. */
  const agentTicket = async () => {
    const turn = Math.floor(begun++ / EACH) % team.length;
    if (Date.now() - tickets[turn].at > 300_000) tickets[turn] = { at: Date.now(), made: team[turn].ticket() };
    return tickets[turn].made;
  };
  const begin = async () => {
    const visitor = new Visitor(world);
    const socket = await visitor.connect();
    await say(socket, 'Hello');
    await socket.cut();
    return { conversation: visitor.conversation, visitor: visitor.ticket, agent: await agentTicket() };
  };
  const helper = createServer((_, answer) => {
    begin().then(
      (made) => answer.end(JSON.stringify(made)),
      (error) => answer.writeHead(500).end(String(error)),
    );
  }).listen(Number(HELPER_PORT), '127.0.0.1');
  console.log(`pid ${world.server.pid}\n${world.url}\ntarget: bench/bellhop.toml\nend with Ctrl-C`);
  await Promise.race([world.server.died, ...['SIGINT', 'SIGTERM'].map((name) => new Promise((resolve) => process.once(name, resolve)))]);
  helper.close();
  helper.closeAllConnections();
  await world.stop();
});
