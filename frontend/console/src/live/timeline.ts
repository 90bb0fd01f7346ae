// What the conversation pane shows, in order: the public log, the private log woven into it, what waits to be sent,
// and the separators between days. Pure, so that the order is a matter of tests.

import { Rating, SenderKind } from '../../../shared/wire/types';
import type { Activity, Choice, Image, Message, Participant, PrivateMessage } from '../../../shared/wire/types';
import { dayOf } from './relative-time';

/** Something of the agent's own that has no seq yet. */
export interface Pending {
  clientId: string;
  text: string;
  at: number;
  state: 'sending' | 'failed';
  code: string;
}

interface Entry {
  key: string;
  at: number;
  /** Begins a group of one sender, and ends one. */
  first: boolean;
  last: boolean;
}

export interface TextItem extends Entry {
  kind: 'message' | 'note';
  sender: Participant | undefined;
  text: string;
  seq: number;
  pending: Pending | null;
  /** Under a bot's message. */
  image?: Image | undefined;
  /** What a bot's message offers. */
  choices: readonly Choice[];
  /** The one of them that the visitor took. */
  chosen: Choice | null;
  /** The visitor took one of them by writing this. */
  isChoice: boolean;
  /** What the visitor said of a bot's answer. */
  rating: Rating;
}

export interface ActivityItem extends Entry {
  kind: 'activity';
  activity: Activity;
  isPrivate: boolean;
}

export interface DayItem {
  kind: 'day';
  key: string;
  at: number;
}

/** What the agent had not read when the conversation was opened begins here. */
export interface UnreadItem {
  kind: 'unread';
  key: 'unread';
}

/** Nothing came before. */
export interface StartItem {
  kind: 'start';
  key: 'start';
}

export type TimelineItem = TextItem | ActivityItem | DayItem | UnreadItem | StartItem;

export interface Sources {
  messages: readonly Message[];
  privates: readonly PrivateMessage[];
  /** Whether public messages before the first of `messages` exist. */
  older: boolean;
  /** The same of `privates`. */
  olderNotes?: boolean;
  pendingMessages: readonly Pending[];
  pendingNotes: readonly Pending[];
  me: Participant;
  /** What the bot is writing; no entry of the log yet. */
  growing?: string;
  /** How far the agent had read when the conversation was opened; 0 for a first visit. */
  readAtOpen?: number;
}

const BOT: Participant = { kind: SenderKind.BOT, id: '', name: '', picture: '' };
/** Of most messages. */
const PLAIN = { choices: [], chosen: null, isChoice: false, rating: Rating.RATING_NONE };
/** One sender's messages within this time form a group. */
const GROUP_MS = 5 * 60_000;

/** The items from the oldest to the newest. */
export function timelineOf(sources: Sources): TimelineItem[] {
  const woven = weave(sources);
  choose(woven);
  group(woven);
  const days = withUnread(withDays(woven), sources.readAtOpen ?? 0);
  const begins = !sources.older && !sources.olderNotes && sources.messages.length > 0;
  return begins ? [{ kind: 'start', key: 'start' }, ...days] : days;
}

function weave({ messages, privates, older, pendingMessages, pendingNotes, me, growing }: Sources): (TextItem | ActivityItem)[] {
  const items: (TextItem | ActivityItem)[] = [];
  // A private entry whose place is above what is loaded waits until that part of the public log is here.
  const from = older ? (messages[0]?.seq ?? 1) - 1 : 0;
  let next = privates.findIndex((entry) => entry.follows >= from);
  if (next < 0) next = privates.length;
  const takePrivates = (upTo: number) => {
    for (let entry = privates[next]; entry && entry.follows <= upTo; entry = privates[++next]) items.push(ofPrivate(entry));
  };
  takePrivates((messages[0]?.seq ?? 1) - 1);
  for (const message of messages) {
    items.push(ofMessage(message));
    takePrivates(message.seq);
  }
  takePrivates(Number.MAX_SAFE_INTEGER);
  // Its message comes at the next place, and is this element then.
  const last = messages.at(-1);
  if (growing && last) items.push(ofMessage({ ...last, seq: last.seq + 1, sender: BOT, clientId: '', text: growing, activity: undefined, image: undefined, choices: [] }));
  const pending = [
    ...pendingMessages.map((entry) => ofPending('message', entry, me)),
    ...pendingNotes.map((entry) => ofPending('note', entry, me)),
  ];
  return [...items, ...pending.sort((a, b) => a.at - b.at)];
}

function ofMessage(message: Message): TextItem | ActivityItem {
  const { at, seq, sender, activity } = message;
  // An own message keeps its key from sending to sent, so that its bubble is the same element.
  const key = message.clientId ? `c${message.clientId}` : `m${seq}`;
  if (activity) return { kind: 'activity', key, at, first: true, last: true, activity, isPrivate: false };
  return { kind: 'message', key, at, first: true, last: true, sender, text: message.text ?? '', seq, pending: null, ...PLAIN, image: message.image, choices: message.choices, rating: message.rating };
}

function ofPrivate(entry: PrivateMessage): TextItem | ActivityItem {
  const { at, seq, sender, activity } = entry;
  const key = entry.clientId ? `c${entry.clientId}` : `p${seq}`;
  if (activity) return { kind: 'activity', key, at, first: true, last: true, activity, isPrivate: true };
  return { kind: 'note', key, at, first: true, last: true, sender, text: entry.note ?? '', seq, pending: null, ...PLAIN };
}

function ofPending(kind: 'message' | 'note', pending: Pending, sender: Participant): TextItem {
  const { text, at, clientId } = pending;
  return { kind, key: `c${clientId}`, at, first: true, last: true, sender, text, seq: 0, pending, ...PLAIN };
}

/**
 * What was chosen: the visitor's next words, where they are what one of the buttons says. Buttons go when anybody writes, so only
 * the next message can be a choice. (Whoever writes the same words means the same.)
 */
function choose(items: (TextItem | ActivityItem)[]): void {
  let offer: TextItem | undefined;
  for (const item of items) {
    if (item.kind !== 'message') continue;
    if (offer && item.sender?.kind === SenderKind.VISITOR) {
      offer.chosen = offer.choices.find(({ label }) => label === item.text) ?? null;
      item.isChoice = offer.chosen !== null;
    }
    offer = item.choices.length > 0 ? item : undefined;
  }
}

function group(items: (TextItem | ActivityItem)[]): void {
  for (let i = 1; i < items.length; i++) {
    const previous = items[i - 1];
    const item = items[i];
    if (!previous || !item || !belongTogether(previous, item)) continue;
    previous.last = false;
    item.first = false;
  }
}

function belongTogether(a: TextItem | ActivityItem, b: TextItem | ActivityItem): boolean {
  if (a.kind === 'activity' || b.kind === 'activity') return false;
  const sameSender = a.sender?.kind === b.sender?.kind && a.sender?.id === b.sender?.id;
  return a.kind === b.kind && sameSender && b.at - a.at < GROUP_MS && dayOf(a.at) === dayOf(b.at);
}

function withDays(items: (TextItem | ActivityItem)[]): TimelineItem[] {
  const out: TimelineItem[] = [];
  let day = Number.NaN;
  for (const item of items) {
    const of = dayOf(item.at);
    if (of !== day) out.push({ kind: 'day', key: `d${of}`, at: item.at });
    day = of;
    out.push(item);
  }
  return out;
}

function withUnread(items: TimelineItem[], readAtOpen: number): TimelineItem[] {
  if (readAtOpen === 0) return items;
  const isNew = (item: TimelineItem) =>
    item.kind === 'message' && item.seq > readAtOpen && item.sender?.kind === SenderKind.VISITOR;
  const at = items.findIndex(isNew);
  if (at < 0) return items;
  // A separator of days belongs to what follows it.
  const place = items[at - 1]?.kind === 'day' ? at - 1 : at;
  return [...items.slice(0, place), { kind: 'unread', key: 'unread' }, ...items.slice(place)];
}

export type Delivery = 'sending' | 'waiting' | 'sent' | 'delivered' | 'read' | 'failed';

/** How far an agent's own message has got; `reach` knows the visitor's cursors. */
export function deliveryOf(item: TextItem, reach: (seq: number) => 'sent' | 'delivered' | 'read', live: boolean): Delivery {
  if (item.pending) return item.pending.state === 'failed' ? 'failed' : live ? 'sending' : 'waiting';
  return reach(item.seq);
}
