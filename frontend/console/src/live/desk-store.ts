// The Desk's socket and what it tells: the live list, who of the team is here, what rings, and the answers to requests.

import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import type { LinkState } from '../../../shared/connection';
import type { AgentFrame, AgentPresence, AnswersToday, Assigned, DeskRow, DeskUpdate, DeskWelcome } from '../../../shared/wire/types';
import { Availability } from '../../../shared/wire/types';
import { useSession } from '../session/store';
import { learnPicture } from '../ui/pictures';
import { forgetTicket, openAgentSocket } from './agent-socket';
import type { AgentSocket } from './agent-socket';
import { recallChoice, rememberChoice, settled, TAKEN_WITHIN_MS, TOLD, wordOf } from './availability';
import type { Choice } from './availability';
import { DeskList } from './desk-list';
import type { Ring } from './desk-list';
import { Requests } from './requests';

/** Who gets a conversation: an agent at once, a team into its queue. */
export type Receiver = { agent: string; } | { team: string; };

type LeftListener = (rows: DeskRow[]) => void;
type OutdatedListener = () => void;
type GivenListener = (conversation: string) => void;

export const useDesk = defineStore('desk', () => {
  const session = useSession();
  /** The list as it stands; another array after every frame that changed it. */
  const rows = shallowRef<DeskRow[]>([]);
  const agents = shallowRef<AgentPresence[]>([]);
  const answers = shallowRef<AnswersToday | null>(null);
  /** What rings at this agent, in the order in which it ends. */
  const rings = shallowRef<Ring[]>([]);
  const loaded = ref(false);
  /** How far the server's clock is ahead of this one. */
  const clockAhead = ref(0);
  const link = shallowRef<LinkState>({ kind: 'idle' });
  /** Since when the list is not live; 0 while it is, or before it has ever been. */
  const lostAt = ref(0);
  const choice = ref<Choice>('online');
  /** What the Desk says of this agent, on this line. */
  const said = shallowRef<Availability>();
  /** What it was told and has yet to say. */
  const told = shallowRef<Availability>();
  /** What this agent is: not by what was chosen here, but by what the Desk goes by. */
  const availability = computed(() => told.value ?? said.value ?? TOLD[choice.value]);
  const isAs = (one: Choice) => choice.value === one && availability.value === TOLD[one];
  /** The Desk has set the agent to away, because conversations rang in vain. */
  const missed = computed(() => isAs('missed'));

  /** Nobody has touched this browser for a while. */
  const idle = computed(() => isAs('idle'));

  /** The pictures that the Desk has told of agents: only another one is news. */
  const shown = new Map<string, string>();
  let list = new DeskList();
  let socket: AgentSocket | undefined;
  let requests = new Requests<Assigned>();
  /** The Desk has said what was chosen last, or was told with the first word of this line: what it says from now on is newer. */
  let isTaken = true;
  let takenTimer: ReturnType<typeof setTimeout> | undefined;
  const leftListeners = new Set<LeftListener>();
  const outdatedListeners = new Set<OutdatedListener>();
  const givenListeners = new Set<GivenListener>();

  function open(): void {
    choice.value = recallChoice(myId());
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
    isTaken = true;
    forgetSaid();
    list = new DeskList();
    shown.clear();
    rows.value = [];
    agents.value = [];
    answers.value = null;
    rings.value = [];
    loaded.value = false;
    clockAhead.value = 0;
    link.value = { kind: 'idle' };
    lostAt.value = 0;
    choice.value = 'online';
    forgetTicket();
  }

  const myId = () => session.me?.id ?? '';

  function greet(): void {
    const word = choice.value === 'online' ? {} : { availability: wordOf(choice.value) };
    socket?.connection.send({ deskHello: { ...list.hello(), ...word } });
  }

  function follow(state: LinkState): void {
    const wasLive = link.value.kind === 'live';
    link.value = state;
    if (state.kind === 'live') lostAt.value = 0;
    else if (wasLive) lostAt.value = Date.now();
    if (state.kind === 'live') {
      // Chosen while there was no line, or told to one that had died.
      if (!isTaken) tellAvailability();
      return;
    }
    forgetSaid();
    requests.cut();
  }

  function forgetSaid(): void {
    clearTimeout(takenTimer);
    said.value = told.value = undefined;
  }

  function take(frame: AgentFrame): void {
    const given = frame.assigned && isGift(frame.assigned) ? frame.assigned.conversation : '';
    // Whether this console lives is what is asked, and the conversation waits for the answer.
    if (frame.probe) socket?.connection.send({ probeAnswer: { probe: frame.probe.id, available: true } });
    else if (frame.deskWelcome) welcome(frame.deskWelcome);
    else if (frame.deskPage) askFor(list.page(frame.deskPage));
    else if (frame.deskUpdate) update(frame.deskUpdate);
    else if (frame.assigned) list.assigned(frame.assigned);
    else if (frame.error) requests.refuse(frame.error);
    if (frame.deskWelcome || frame.deskPage || frame.deskUpdate || frame.assigned) publish();
    if (frame.assigned) requests.answer(frame.assigned.clientId, frame.assigned);
    if (given) for (const listener of givenListeners) listener(given);
  }

  /** Whether somebody else gives this agent what they did not have; nothing rings, and nothing here has asked for it. */
  function isGift({ clientId, conversation, assignee, ringUntil }: Assigned): boolean {
    return clientId === '' && ringUntil === 0 && assignee?.id === myId() && list.rows.get(conversation)?.assignee?.id !== myId();
  }

  function welcome(frame: DeskWelcome): void {
    clockAhead.value = frame.now ? frame.now - Date.now() : 0;
    if (list.outdates(frame)) for (const listener of outdatedListeners) listener();
    askFor(list.welcome(frame));
    hearOfMe(false);
  }

  function update(frame: DeskUpdate): void {
    announceLeft(list.update(frame));
    const isLost = ({ conversation }: Ring) => {
      const row = list.rows.get(conversation);
      return row !== undefined && row.assignee?.id !== myId();
    };
    if (frame.agents.some(({ id }) => id === myId())) hearOfMe(rings.value.some(isLost));
  }

  /** Takes what the Desk says of this agent. What was true before it heard of a choice is passed over. */
  function hearOfMe(lostRing: boolean): void {
    const word = list.agents.get(myId())?.availability;
    if (!word) return;
    said.value = word;
    if (told.value === word) {
      clearTimeout(takenTimer);
      told.value = undefined;
    }
    if (told.value !== undefined) return;
    isTaken ||= word === TOLD[choice.value];
    if (!isTaken) return;
    const next = settled(choice.value, word, lostRing);
    if (next !== choice.value) choose(next);
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
    for (const { id, picture } of agents.value) {
      // Of this agent the session knows more: a socket tells what its ticket said.
      if (id !== myId() && shown.get(id) !== picture) learnPicture(id, picture);
      shown.set(id, picture);
    }
    answers.value = list.answers;
    rings.value = list.ringingAt(myId());
    loaded.value = list.loaded;
  }

  /** Hears of conversations that left the list, as they were. */
  function whenLeft(listener: LeftListener): void {
    leftListeners.add(listener);
  }

  /** Hears, while the rows are as they were, that what was known of messages until a cut is old. */
  function whenOutdated(listener: OutdatedListener): void {
    outdatedListeners.add(listener);
  }

  /** Hears of conversations that somebody else gives to this agent. Returns what ends it. */
  function whenGiven(listener: GivenListener): () => void {
    givenListeners.add(listener);
    return () => givenListeners.delete(listener);
  }

  function send(frame: Parameters<AgentSocket['connection']['send']>[0]): boolean {
    return link.value.kind === 'live' && socket?.connection.send(frame) === true;
  }

  const claim = (conversation: string) => requests.make((clientId) => send({ claim: { clientId, conversation } }));

  const release = (conversation: string, assignmentEpoch: number) =>
    requests.make((clientId) => send({ release: { clientId, conversation, assignmentEpoch } }));

  const transfer = (conversation: string, assignmentEpoch: number, to: Receiver, reason: string) =>
    requests.make((clientId) => send({ transfer: { clientId, conversation, assignmentEpoch, ...to, reason } }));

  /** The agent takes what rings at them. */
  const accept = ({ conversation, assignmentEpoch }: Ring) =>
    requests.make((clientId) => send({ accept: { clientId, conversation, assignmentEpoch } }));

  /** The agent does not: somebody else is asked. */
  const decline = ({ conversation, assignmentEpoch }: Ring) =>
    requests.make((clientId) => send({ decline: { clientId, conversation, assignmentEpoch } }));

  function tellAvailability(): void {
    const setAvailability = wordOf(choice.value);
    isTaken = false;
    if (!send({ setAvailability })) return;
    told.value = setAvailability.availability;
    clearTimeout(takenTimer);
    takenTimer = setTimeout(() => {
      told.value = undefined;
      hearOfMe(false);
    }, TAKEN_WITHIN_MS);
  }

  /** A socket that is not open hears it with its first word. */
  function tellIdle(): void {
    socket?.connection.send({ setAvailability: { idle: choice.value === 'idle' } });
  }

  function choose(next: Choice): void {
    choice.value = next;
    if (session.me) rememberChoice(session.me.id, next);
  }

  function setAvailability(next: Availability): void {
    choose(next === Availability.AWAY ? 'away' : next === Availability.OFFLINE ? 'invisible' : 'online');
    tellAvailability();
  }

  /** Nobody is at this browser, or somebody is again. Whoever is not online for another reason stays so. */
  function setIdle(is: boolean): void {
    if (choice.value !== (is ? 'online' : 'idle')) return;
    if (is && availability.value !== Availability.ONLINE) return;
    // Another window may have been told otherwise just now.
    const chosen = recallChoice(myId());
    if (chosen !== 'online' && chosen !== 'idle') return followOtherWindows();
    turn(is ? 'idle' : 'online', choose);
  }

  function followOtherWindows(): void {
    const chosen = recallChoice(myId());
    if (choice.value !== chosen) turn(chosen, (next) => (choice.value = next));
  }

  /** That nobody is here, or somebody is again, turns no switch: what was chosen elsewhere stands. */
  function turn(next: Choice, take: (next: Choice) => void): void {
    const wasIdle = choice.value === 'idle';
    take(next);
    if (next !== 'idle' && !(wasIdle && next === 'online')) return tellAvailability();
    tellIdle();
    if (said.value !== undefined) hearOfMe(false);
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
    rows, agents, answers, rings, loaded, clockAhead, link, lostAt, availability, missed, idle,
    open, close, whenLeft, whenOutdated, whenGiven, claim, release, transfer, accept, decline, setAvailability, setIdle, presenceOf, tryNow, restart,
  };
});
