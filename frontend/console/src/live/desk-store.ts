// The Desk's socket and what it tells: the live list, who of the team is here, and the answers to claims.

import { defineStore } from 'pinia';
import { ref, shallowRef } from 'vue';
import type { LinkState } from '../../../shared/connection';
import type { AgentFrame, AgentPresence, Assigned, DeskRow } from '../../../shared/wire/types';
import { Availability } from '../../../shared/wire/types';
import { recall, remember } from '../session/preferences';
import { useSession } from '../session/store';
import { forgetTicket, openAgentSocket } from './agent-socket';
import type { AgentSocket } from './agent-socket';
import { DeskList } from './desk-list';
import { Requests } from './requests';

/** Remembers the id of the agent who is away. */
const AWAY = 'away';

type LeftListener = (rows: DeskRow[]) => void;

export const useDesk = defineStore('desk', () => {
  const session = useSession();
  /** The list as it stands; another array after every frame that changed it. */
  const rows = shallowRef<DeskRow[]>([]);
  const agents = shallowRef<AgentPresence[]>([]);
  const loaded = ref(false);
  const link = shallowRef<LinkState>({ kind: 'idle' });
  /** Since when the list is not live; 0 while it is, or before it has ever been. */
  const lostAt = ref(0);
  /** What this agent has chosen; the Desk forgets it with the socket, so it is told again. */
  const availability = ref<Availability>(Availability.ONLINE);

  let list = new DeskList();
  let socket: AgentSocket | undefined;
  let requests = new Requests<Assigned>();
  const leftListeners = new Set<LeftListener>();

  function open(): void {
    availability.value = chosenAvailability();
    window.addEventListener('storage', followOtherWindows);
    socket ??= openAgentSocket('/v1/desk/socket', { onOpen: greet, onFrame: take, onState: follow, onRevoked: () => session.end('expired') });
  }

  /** Closes for good and forgets everything: the agent has signed out. */
  function close(): void {
    window.removeEventListener('storage', followOtherWindows);
    socket?.close();
    socket = undefined;
    requests.cut();
    requests = new Requests();
    list = new DeskList();
    rows.value = [];
    agents.value = [];
    loaded.value = false;
    link.value = { kind: 'idle' };
    lostAt.value = 0;
    availability.value = Availability.ONLINE;
    forgetTicket();
  }

  function greet(): void {
    socket?.connection.send({ deskHello: list.hello() });
  }

  function follow(state: LinkState): void {
    const wasLive = link.value.kind === 'live';
    link.value = state;
    if (state.kind === 'live') lostAt.value = 0;
    else if (wasLive) lostAt.value = Date.now();
    if (state.kind === 'live') {
      if (availability.value !== Availability.ONLINE) tellAvailability();
      return;
    }
    requests.cut();
  }

  function take(frame: AgentFrame): void {
    if (frame.deskWelcome) askFor(list.welcome(frame.deskWelcome));
    else if (frame.deskPage) askFor(list.page(frame.deskPage));
    else if (frame.deskUpdate) announceLeft(list.update(frame.deskUpdate));
    else if (frame.assigned) requests.answer(frame.assigned.clientId, frame.assigned);
    else if (frame.error) requests.refuse(frame.error);
    if (frame.deskWelcome || frame.deskPage || frame.deskUpdate) publish();
  }

  function askFor(next: string): void {
    if (next) socket?.connection.send({ deskPage: { after: next } });
  }

  function announceLeft(left: DeskRow[]): void {
    if (left.length > 0) for (const listener of leftListeners) listener(left);
  }

  function publish(): void {
    rows.value = [...list.rows.values()];
    agents.value = [...list.agents.values()];
    loaded.value = list.loaded;
  }

  /** Hears of conversations that left the list, as they were. */
  function whenLeft(listener: LeftListener): void {
    leftListeners.add(listener);
  }

  function send(frame: Parameters<AgentSocket['connection']['send']>[0]): boolean {
    return link.value.kind === 'live' && socket?.connection.send(frame) === true;
  }

  const claim = (conversation: string) => requests.make((clientId) => send({ claim: { clientId, conversation } }));

  const release = (conversation: string, assignmentEpoch: number) =>
    requests.make((clientId) => send({ release: { clientId, conversation, assignmentEpoch } }));

  const transfer = (conversation: string, assignmentEpoch: number, agent: string, reason: string) =>
    requests.make((clientId) => send({ transfer: { clientId, conversation, assignmentEpoch, agent, reason } }));

  function tellAvailability(): void {
    send({ setAvailability: { availability: availability.value } });
  }

  // The Desk takes the best of an agent's windows, so all of them have to say the same, after a reload, too.
  function chosenAvailability(): Availability {
    return session.me && recall(AWAY) === session.me.id ? Availability.AWAY : Availability.ONLINE;
  }

  function setAvailability(next: Availability): void {
    remember(AWAY, next === Availability.AWAY ? (session.me?.id ?? null) : null);
    availability.value = next;
    tellAvailability();
  }

  function followOtherWindows(): void {
    if (availability.value === chosenAvailability()) return;
    availability.value = chosenAvailability();
    tellAvailability();
  }

  function presenceOf(agent: string): 'online' | 'away' | 'offline' {
    const found = agents.value.find(({ id }) => id === agent)?.availability;
    if (found === Availability.ONLINE) return 'online';
    return found === Availability.AWAY ? 'away' : 'offline';
  }

  /** Tries at once instead of waiting. */
  const tryNow = () => socket?.connection.check();
  /** Starts again after the server has ended the connection. */
  const restart = () => socket?.connection.restart();

  return {
    rows, agents, loaded, link, lostAt, availability,
    open, close, whenLeft, claim, release, transfer, setAvailability, presenceOf, tryNow, restart,
  };
});
