// Written by scripts/wire-table.mjs from proto/bellhop.proto. Not edited by hand.
//
// A decoded message has every scalar, list and map; a message inside it is absent when it was not sent.

export const enum SenderKind {
  SENDER_UNKNOWN = 0,
  VISITOR = 1,
  AGENT = 2,
  BOT = 3,
  SYSTEM = 4,
}

export const enum Status {
  STATUS_UNKNOWN = 0,
  PENDING = 1,
  OPEN = 2,
  SNOOZED = 3,
  RESOLVED = 4,
}

export const enum ActivityKind {
  ACTIVITY_UNKNOWN = 0,
  /** actor (absent: the system), status */
  STATUS_CHANGED = 1,
  /** subject took the conversation */
  JOINED = 2,
  /** subject gave it back */
  LEFT = 3,
  /** actor gave it to subject (private log) */
  ASSIGNED = 4,
  /** actor released it (private log) */
  RELEASED = 5,
  /** actor blocked the visitor (private log) */
  VISITOR_BLOCKED = 6,
  VISITOR_UNBLOCKED = 7,
  /** actor handed it to a team (private log) */
  TEAM_CHANGED = 8,
  /** nobody has written for long: it is resolved at ends_at if that stays so */
  IDLE_WARNED = 9,
  /** actor muted it (private log) */
  MUTED = 10,
  UNMUTED = 11,
  /** the visitor waits no longer and is to be answered by e-mail (private log) */
  LEFT_EMAIL = 12,
  /** the bot handed it to people, for reason (private log) */
  HANDED_OVER = 13,
}

/** What the visitor says of an answer of the bot's. */
export const enum Rating {
  /** it is no answer of the bot's */
  RATING_NONE = 0,
  /** it may be rated */
  RATING_ASKED = 1,
  HELPFUL = 2,
  UNHELPFUL = 3,
}

export const enum Log {
  PUBLIC = 0,
  PRIVATE = 1,
}

export const enum Availability {
  AVAILABILITY_UNKNOWN = 0,
  ONLINE = 1,
  AWAY = 2,
  OFFLINE = 3,
}

/** Open and nobody's, but not in the line: it rings at nobody, and agents get to it when they can. */
export const enum FollowUp {
  FOLLOW_UP_NONE = 0,
  /** the visitor has left an e-mail address */
  FOLLOW_UP_EMAIL = 1,
  /** the visitor has gone while waiting; back in the line when they are back */
  FOLLOW_UP_GONE = 2,
}

/** Who wrote a message, or whose cursor a receipt is. A conversation has one visitor, so `id` is empty for it. */
export interface Participant {
  kind: SenderKind;
  /** agt_… */
  id: string;
  /** display name of an agent or bot */
  name: string;
  /** of an agent who is here or has come: the hash of their picture; a message and a receipt tell none */
  picture: string;
}

/** What changes about a conversation besides its messages. Sent whole. */
export interface ConversationState {
  status: Status;
  /** 0 unless snoozed */
  snoozedUntil: number;
  /** absent when unassigned */
  assignee?: Participant;
  assignmentEpoch: number;
}

/** Something that happened, to be shown in the reader's own language. */
export interface Activity {
  kind: ActivityKind;
  actor?: Participant;
  subject?: Participant;
  status: Status;
  /** of a transfer, idle: nobody wrote, or why the bot handed over; private log only */
  reason: string;
  /** name of the team, as it was then; private log only */
  team: string;
  /** of a warning */
  endsAt: number;
}

/** A button under a bot's text. Pressing it sends `label` as a message of the visitor, with `id` as its `choice`. */
export interface Choice {
  id: string;
  label: string;
}

/** An entry of the public log: what the visitor may see. At most one of its optional members is set. */
export interface Message {
  /** 1, 2, 3 … without a gap */
  seq: number;
  /** msg_… */
  id: string;
  sender?: Participant;
  at: number;
  /** given only to the sender's own sockets */
  clientId: string;
  text?: string;
  activity?: Activity;
  /** under a bot's text */
  choices: Choice[];
  /** of a bot's answer; it is the one thing of an entry that changes */
  rating: Rating;
  /** under a bot's text, above its choices */
  image?: Image;
}

/** A picture, at `/pictures/<hash>`. */
export interface Image {
  /** 32 hexadecimal digits */
  hash: string;
  /** in pixels, so that its place can be kept until it is loaded */
  width: number;
  height: number;
  /** what stands for it where it is not seen; empty: it adds nothing to the text */
  alt: string;
}

/** An entry of the private log: what only agents may see. At most one of its optional members is set. */
export interface PrivateMessage {
  /** 1, 2, 3 … without a gap, a numbering of its own */
  seq: number;
  id: string;
  sender?: Participant;
  at: number;
  clientId: string;
  /** the public seq after which it is shown */
  follows: number;
  note?: string;
  activity?: Activity;
}

/** How far a participant has got in the public log. */
export interface Receipt {
  participant?: Participant;
  delivered: number;
  read: number;
}

/** What is known of the visitor. Nothing here is proven unless `verified`. */
export interface VisitorProfile {
  /** vis_… */
  id: string;
  name: string;
  email: string;
  verified: boolean;
  blocked: boolean;
  locale: string;
  timezone: string;
  pageUrl: string;
  pageTitle: string;
  referrer: string;
  userAgent: string;
  country: string;
  attributes: Map<string, string>;
  /** the site's own name for the visitor; with `verified` */
  subject: string;
  /** how much before others the visitor comes, 0 to 9; with `verified` */
  level: number;
  /** the conversation is: the visitor writes, and nobody is told */
  muted: boolean;
  /** of the conversation, as they were put on: tag_… */
  tags: string[];
}

/** At most one of its optional members is set. */
export interface ClientFrame {
  /** to a Room */
  hello?: Hello;
  send?: Send;
  delivered?: Delivered;
  read?: Read;
  page?: PageRequest;
  typing?: Typing;
  /** also to the Desk */
  renew?: Renew;
  /** visitors */
  identify?: Identify;
  /** agents */
  note?: Note;
  setStatus?: SetStatus;
  /** visitors */
  leave?: Leave;
  /** agents */
  mute?: Mute;
  /** visitors */
  rate?: Rate;
  /** visitors */
  leaveEmail?: LeaveEmail;
  /** agents */
  tag?: Tag;
  /** to the Desk */
  deskHello?: DeskHello;
  claim?: Claim;
  release?: Release;
  transfer?: Transfer;
  setAvailability?: SetAvailability;
  deskPage?: DeskPageRequest;
  probeAnswer?: ProbeAnswer;
  accept?: Accept;
  decline?: Decline;
}

/** First frame on a Room's socket, and the only way to get messages: before it nothing is sent. */
export interface Hello {
  /** 0: nothing is held yet */
  logEpoch: number;
  /** last public seq held */
  after: number;
  /** id of that message */
  tip: string;
  /** agents: last private seq held */
  afterPrivate: number;
  /** own cursors, sent again because the Room keeps them lazily */
  delivered: number;
  read: number;
  /** visitors */
  context?: Context;
  /** agents: id of the last private entry held; empty: not shown */
  tipPrivate: string;
}

/** Where the visitor is. Unproven. */
export interface Context {
  pageUrl: string;
  pageTitle: string;
  referrer: string;
  locale: string;
  timezone: string;
}

/** 1 to 8,000 characters. The same client_id again gives the same seq and no second message. */
export interface Send {
  /** 1 to 64 of A-Z a-z 0-9 _ - , unique for this sender in this conversation */
  clientId: string;
  text: string;
  /** visitors: the id of the button that was pressed; `text` is its label */
  choice: string;
}

export interface Note {
  clientId: string;
  text: string;
}

export interface Delivered {
  seq: number;
}

export interface Read {
  seq: number;
}

/** Entries before `before` (0: the newest), at most 100, oldest first. */
export interface PageRequest {
  log: Log;
  before: number;
}

export interface Typing {
  on: boolean;
  /** what the visitor has written so far; agents only see it where the site says so */
  preview: string;
  /** set by the server */
  participant?: Participant;
}

export interface Renew {
  ticket: string;
}

export interface Identify {
  name: string;
  email: string;
  attributes: Map<string, string>;
}

export interface SetStatus {
  status: Status;
  snoozedUntil: number;
  /** comes back in `done` or `error` */
  clientId: string;
}

/** Resolves the conversation, and the visitor's messages do not open it again: they are stored, and nobody is called. The visitor is told nothing of it. Opening or snoozing it ends that, too. Answered with `done`; to what it is already is no change. */
export interface Mute {
  clientId: string;
  on: boolean;
}

/** Puts a tag of the workspace on the conversation, or takes it off. Answered with `done`; to what it is already is no change. */
export interface Tag {
  clientId: string;
  /** tag_… */
  tag: string;
  on: boolean;
}

/** The visitor ends the conversation, or waits no longer: it is resolved. Writing again opens it again. */
export interface Leave {
  clientId: string;
}

/** The visitor wants to be answered by e-mail instead of waiting: agents follow it up when they can. Answered with `done`. The same client_id again changes nothing. Writing again takes the old place in the line. */
export interface LeaveEmail {
  clientId: string;
  email: string;
  /** empty: as before */
  name: string;
  /** a message; empty: nothing but what was written before */
  text: string;
}

/** What the visitor thinks of an answer of the bot's, whose `rating` is not `RATING_NONE`. Answered with `done`. The last one counts; the same again changes nothing. */
export interface Rate {
  seq: number;
  helpful: boolean;
  /** comes back in `done` or `error` */
  clientId: string;
}

/** First frame on the Desk's socket. */
export interface DeskHello {
  /** 0: nothing is held yet */
  deskEpoch: number;
  rev: number;
  /** before anybody sees them; the switch only where no other socket of theirs has one */
  availability?: SetAvailability;
}

export interface Claim {
  clientId: string;
  conversation: string;
}

export interface Release {
  clientId: string;
  conversation: string;
  /** the assignment that is meant; 0: whichever stands */
  assignmentEpoch: number;
}

/** To an agent or to a team, in whose queue it then waits. */
export interface Transfer {
  clientId: string;
  conversation: string;
  assignmentEpoch: number;
  /** agt_…; empty: to the team */
  agent: string;
  /** private */
  reason: string;
  /** team_… */
  team: string;
}

export interface SetAvailability {
  /** 0: as it was */
  availability: Availability;
  /** nobody is at this socket's console; on the others they may be */
  idle: boolean;
}

export interface DeskPageRequest {
  after: string;
}

/** The console answers `probe` by itself and at once: that it lives is what is asked. */
export interface ProbeAnswer {
  probe: number;
  available: boolean;
}

/** The agent takes the conversation that rings. A first reply does the same. */
export interface Accept {
  clientId: string;
  conversation: string;
  /** the assignment that is meant; 0: whichever stands */
  assignmentEpoch: number;
}

/** The agent does not: somebody else is asked. */
export interface Decline {
  clientId: string;
  conversation: string;
  assignmentEpoch: number;
}

/** At most one of its optional members is set. */
export interface ServerFrame {
  welcome?: Welcome;
  message?: Message;
  ack?: Ack;
  receipt?: Receipt;
  typing?: Typing;
  presence?: Presence;
  state?: ConversationState;
  page?: Page;
  error?: Error;
  done?: Done;
  queue?: Queue;
  grow?: Grow;
  rated?: Rated;
}

/** Answer to `hello`: what was missed, and the state as it is now. */
export interface Welcome {
  /** other than the client's: it throws its messages away and takes these */
  logEpoch: number;
  /** last public seq */
  head: number;
  you?: Participant;
  /** cnv_… */
  conversation: string;
  state?: ConversationState;
  receipts: Receipt[];
  /** after `after`, oldest first; for a new client the last ones */
  messages: Message[];
  /** the client holds a gap: page back from messages[0].seq to its cursor */
  more: boolean;
  presence?: Presence;
  /** the server's clock */
  now: number;
  /** the client's log is not this one: start over */
  reset: boolean;
  /** absent: as position 0 */
  queue?: Queue;
  /** what the bot is writing, as far as it has got; empty: nothing */
  growing: string;
  /** everything that the visitor has rated, also of messages that are held already */
  rated: Rated[];
}

/** The message is on disk, once, at this place. */
export interface Ack {
  clientId: string;
  seq: number;
  at: number;
  id: string;
}

/** Who is here. Agents of this conversation for the visitor; the visitor for agents. */
export interface Presence {
  agents: Participant[];
  visitor: boolean;
}

export interface Page {
  before: number;
  /** oldest first */
  messages: Message[];
  /** there are older ones */
  more: boolean;
}

/** The visitor's place in the line for an agent. To the visitor only; sent again whenever it changes. */
export interface Queue {
  /** 1: next; 0: the visitor does not wait, or the place is not known */
  position: number;
  /** estimate of the time that is left; 0: there is none yet */
  waitMs: number;
  /** it is closed until then, and the visitor keeps the place; 0: it is open, or nobody knows */
  opensAt: number;
  /** nobody works, or it takes long: better leave an e-mail address (`leave_email`) */
  form: boolean;
}

/** What the bot is writing. It is no entry of the log yet and nothing of it is stored: the next message of the bot's is what it has become, whole, and takes its place. */
export interface Grow {
  /** the visitor's message that is being answered */
  to: number;
  /** so many characters (Unicode code points) of it were told before; 0: it begins, perhaps anew */
  offset: number;
  /** what comes after them; empty: nothing is being written any more */
  text: string;
}

/** The visitor has rated a message. To all sockets but the one that did it. */
export interface Rated {
  seq: number;
  rating: Rating;
}

/** Something was refused. `code` is stable and listed in docs/errors.md; `message` is for developers. */
export interface Error {
  code: string;
  message: string;
  retryable: boolean;
  retryAfterMs: number;
  /** of the frame that is refused */
  clientId: string;
  /** already_assigned: who has it */
  holder?: Participant;
}

/** A request with a client_id that has no other answer was carried out. */
export interface Done {
  clientId: string;
}

/** The first are ServerFrame's, number for number. At most one of its optional members is set. */
export interface AgentFrame {
  welcome?: Welcome;
  message?: Message;
  ack?: Ack;
  receipt?: Receipt;
  typing?: Typing;
  presence?: Presence;
  state?: ConversationState;
  page?: Page;
  error?: Error;
  done?: Done;
  queue?: Queue;
  grow?: Grow;
  rated?: Rated;
  /** follows `welcome` */
  privateWelcome?: PrivateWelcome;
  privateMessage?: PrivateMessage;
  noteAck?: Ack;
  privatePage?: PrivatePage;
  visitor?: VisitorProfile;
  deskWelcome?: DeskWelcome;
  deskUpdate?: DeskUpdate;
  deskPage?: DeskPage;
  assigned?: Assigned;
  probe?: Probe;
}

export interface PrivateWelcome {
  head: number;
  messages: PrivateMessage[];
  more: boolean;
  visitor?: VisitorProfile;
}

export interface PrivatePage {
  before: number;
  messages: PrivateMessage[];
  more: boolean;
}

export interface AgentPresence {
  id: string;
  name: string;
  availability: Availability;
  /** the hash of their picture; empty: they have none */
  picture: string;
}

/** A conversation in the live list. `preview` and what follows come at most once per interval and live in the Desk's memory: after it has woken they are absent (has_preview false) until the Room speaks again, and a console keeps what it had or asks the API. */
export interface DeskRow {
  conversation: string;
  site: string;
  visitor: string;
  visitorName: string;
  status: Status;
  snoozedUntil: number;
  assignee?: Participant;
  assignmentEpoch: number;
  createdAt: number;
  rev: number;
  hasPreview: boolean;
  preview: string;
  previewSender: SenderKind;
  lastAt: number;
  unread: number;
  visitorOnline: boolean;
  /** 0: nobody waits for an answer */
  waitingSince: number;
  /** it was assigned by routing and rings at the assignee until then; 0: it does not ring */
  ringUntil: number;
  /** since when it waits for an agent, its place in the queue; 0: it does not wait */
  queuedAt: number;
  /** team_…: whose it is; empty: everybody's */
  team: string;
  /** how much before others the visitor comes, as the site has signed it, 0 to 9 */
  level: number;
  /** by so many milliseconds its place in the queue lies before `queued_at` */
  movedUp: number;
  followUp: FollowUp;
  /** the e-mail address at which the visitor wants to be answered; unproven */
  replyTo: string;
}

export interface DeskWelcome {
  deskEpoch: number;
  rev: number;
  /** throw the list away and take this one */
  reset: boolean;
  rows: DeskRow[];
  /** conversations that left the list since `rev` */
  gone: string[];
  /** not empty: ask for the rest by `desk_page{after: next}` */
  next: string;
  agents: AgentPresence[];
  you?: Participant;
  now: number;
  answers?: AnswersToday;
}

/** How long visitors waited today for somebody who took the conversation, each once until it is resolved; to within one part in 32. The day is the workspace's. */
export interface AnswersToday {
  all?: AnswerTimes;
  /** of each team, and of what is everybody's */
  lines: AnswerTimes[];
}

export interface AnswerTimes {
  /** team_…; empty: everybody's, or of all */
  team: string;
  count: number;
  medianMs: number;
  p90Ms: number;
}

export interface DeskUpdate {
  rev: number;
  rows: DeskRow[];
  gone: string[];
  agents: AgentPresence[];
  /** absent: as they were */
  answers?: AnswersToday;
}

export interface DeskPage {
  rows: DeskRow[];
  next: string;
}

/** Is anybody there? Answered with `probe_answer` within 300 ms, or the agent gets no conversation now. */
export interface Probe {
  id: number;
}

/** Answer to claim, release, transfer, accept and decline. Without client_id: to whom it rings at, or was transferred to. */
export interface Assigned {
  clientId: string;
  conversation: string;
  /** absent: unassigned */
  assignee?: Participant;
  assignmentEpoch: number;
  /** as in DeskRow */
  ringUntil: number;
}

/** Every message by its name. */
export interface Messages {
  Participant: Participant;
  ConversationState: ConversationState;
  Activity: Activity;
  Choice: Choice;
  Message: Message;
  Image: Image;
  PrivateMessage: PrivateMessage;
  Receipt: Receipt;
  VisitorProfile: VisitorProfile;
  ClientFrame: ClientFrame;
  Hello: Hello;
  Context: Context;
  Send: Send;
  Note: Note;
  Delivered: Delivered;
  Read: Read;
  PageRequest: PageRequest;
  Typing: Typing;
  Renew: Renew;
  Identify: Identify;
  SetStatus: SetStatus;
  Mute: Mute;
  Tag: Tag;
  Leave: Leave;
  LeaveEmail: LeaveEmail;
  Rate: Rate;
  DeskHello: DeskHello;
  Claim: Claim;
  Release: Release;
  Transfer: Transfer;
  SetAvailability: SetAvailability;
  DeskPageRequest: DeskPageRequest;
  ProbeAnswer: ProbeAnswer;
  Accept: Accept;
  Decline: Decline;
  ServerFrame: ServerFrame;
  Welcome: Welcome;
  Ack: Ack;
  Presence: Presence;
  Page: Page;
  Queue: Queue;
  Grow: Grow;
  Rated: Rated;
  Error: Error;
  Done: Done;
  AgentFrame: AgentFrame;
  PrivateWelcome: PrivateWelcome;
  PrivatePage: PrivatePage;
  AgentPresence: AgentPresence;
  DeskRow: DeskRow;
  DeskWelcome: DeskWelcome;
  AnswersToday: AnswersToday;
  AnswerTimes: AnswerTimes;
  DeskUpdate: DeskUpdate;
  DeskPage: DeskPage;
  Probe: Probe;
  Assigned: Assigned;
}

/** What may be encoded: what is left out has its default value. */
export type Init<T> =
  T extends Map<string, string> ? T
  : T extends (infer E)[] ? Init<E>[]
  : T extends object ? { [K in keyof T]?: Init<T[K]> | undefined }
  : T;
