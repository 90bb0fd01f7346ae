// The REST nouns of docs/api.md that the console uses. Times are RFC 3339 text.

export type Role = 'owner' | 'admin' | 'agent';
export type AgentState = 'active' | 'invited' | 'disabled';
export type StatusName = 'pending' | 'open' | 'snoozed' | 'resolved';

/** The agent who is signed in. */
export interface Me {
  id: string;
  name: string;
  email: string;
  role: Role;
  workspace: { id: string; name: string; };
  /** The hash of their picture, empty for none; a server of before says nothing of it. */
  picture?: string;
}

/** Where on Earth, in degrees. */
export interface GeoPoint {
  latitude: number;
  longitude: number;
}

/** What routing knows of an agent. A server that is older than this console says none of it. */
export interface AgentProfile {
  /** Open conversations at once; null: as the workspace has it. */
  capacity: number | null;
  /** Primary tags, like `en` and `zh`. */
  languages: string[];
  skills: string[];
  /** Null: not said; a server that is older does not know it. */
  location?: GeoPoint | null;
}

/** The hash of a picture that holds now. */
export interface Pictured {
  picture: string;
}

/** An agent as the settings list them. */
export interface Agent extends Partial<AgentProfile> {
  id: string;
  name: string;
  email: string;
  role: Role;
  state: AgentState;
  created_at: string;
  /** As in `Me`. */
  picture?: string;
}

/** `live`: the Desk goes by what was saved already; an older server does not say. */
export interface Heard {
  live?: boolean;
}

/** From a minute of the local day up to another one, at most 1440. */
export interface Span { from: number; to: number; }

/** When somebody is there to answer. */
export interface Hours {
  /** IANA, such as `Asia/Shanghai`. */
  timezone: string;
  /** Seven days, Monday first; each in order. */
  weekly: Span[][];
  /** Days that are not like others of their weekday: `2026-12-25`. */
  exceptions: { date: string; spans: Span[]; }[];
}

/** Agents who share a queue. */
export interface Team {
  id: string;
  name: string;
  /** Ids of agents. */
  members: string[];
  /** null: as the workspace has it. */
  method: RoutingMethod | null;
  /** The team that is asked, too, when nobody of this one is there or the wait is too long. */
  overflow: string | null;
  /** null: as the workspace has it. An older server knows none. */
  hours?: Hours | null;
  /** Free slots of its members that are kept for visitors with a level. An older server keeps none. */
  reserved_slots?: number;
  created_at: string;
}

/** What may be said about a team when it is created or changed. */
export type TeamDraft = Pick<Team, 'name' | 'members' | 'method' | 'overflow' | 'hours' | 'reserved_slots'>;

/** An installation of the widget. */
export interface Site {
  id: string;
  name: string;
  domains: string[];
  greeting: string;
  color: string;
  locale: string;
  snippet: string;
  /** Whose its conversations are; null: everybody's. */
  team?: string | null;
  /** What it does while nobody works; an older server takes messages. */
  when_closed?: WhenClosed;
  /** When somebody works for it; null: as for its team, or the workspace. */
  hours?: Hours | null;
  created_at: string;
  /** The page of the owner's from which a visitor wrote last; null: none did. Only the list says it, to owners and administrators. */
  seen?: { host: string; at: string; } | null;
}

export type WhenClosed = 'form' | 'chat' | 'hide' | 'bot';

/** What may be said about a site when it is created or changed. */
export interface SiteDraft {
  name: string;
  domains: string[];
  greeting: string;
  color: string;
  locale: string;
  team?: string | null;
  when_closed?: WhenClosed;
  hours?: Hours | null;
}

/** How a site proves who its visitors are. */
export interface SiteIdentity {
  /** What its server signs with; null: it does not. */
  secret: string | null;
  /** Names and addresses are taken from what is signed alone. */
  enforced: boolean;
}

export type RoutingMethod = 'manual' | 'best_match' | 'round_robin' | 'least_busy';

/** How conversations come to agents. */
export interface Routing {
  method: RoutingMethod;
  /** Open conversations that an agent may have at once and still be given another. */
  capacity: number;
  ring_seconds: number;
  gone_minutes: number;
  /** After so long a wait the overflow team is asked, too; an older server has none. */
  overflow_minutes?: number;
  /** For so long a resolved conversation goes on with its agent; an older server does not let that be set. */
  reopen_hours?: number;
  /** For so long a returning visitor's last agent comes first; an older server does not know whose that is. */
  last_agent_days?: number;
  /** So many minutes of waiting equal one level of a visitor; an older server knows no levels. */
  ageing_minutes?: number;
  /** Free slots that are kept for visitors with a level. */
  reserved_slots?: number;
  /** So long after an agent's message nobody may write before it is resolved; an older server resolves nothing by itself. */
  idle_minutes?: number;
  /** So long before that the visitor is warned. */
  idle_warning_minutes?: number;
  /** After so long a wait visitors are asked for an e-mail address; an older server asks nobody. */
  form_minutes?: number;
  /** Who has been gone for so long while waiting is followed up; an older server lets them wait. */
  follow_up_seconds?: number;
  /** What counts how much for `best_match`; only their ratio matters. An older server does not know all of them. */
  weights: { load: number; idle: number; language?: number; skill?: number; distance?: number; };
}

/** `live`: the Desk goes by it already. */
export interface RoutingAnswer {
  routing: Routing;
  /** When the workspace is open; null: always. An older server knows none. */
  hours?: Hours | null;
  version: number;
  live: boolean;
}

/** An agent in the order in which routing asks them. Points are thousandths, and only there for `best_match`. */
export interface Ranked {
  agent: string;
  score?: number;
  parts?: { load: number; idle: number; language: number; skill: number; distance?: number; };
  used: number;
  capacity: number;
  last_assigned?: number;
  is_last: boolean;
  helps_out: boolean;
}

export type ExcludedBecause = 'kept_slot' | 'left_out' | 'full' | 'resting' | 'suspect' | 'silent' | 'away' | 'offline' | 'not_in_team';
export type ProbeAnswer = 'available' | 'unavailable' | 'gone' | 'silent' | 'not_awaited';

/** Who could have had a conversation, who was asked, and what it came to. */
export interface Decision {
  at: number;
  team?: string;
  helpers?: string;
  method: RoutingMethod;
  level: number;
  ranked: Ranked[];
  more_ranked: number;
  excluded: { agent: string; reason: ExcludedBecause; }[];
  more_excluded: number;
  rounds: { agent: string; answer: ProbeAnswer; after_ms?: number; }[][];
  outcome: 'assigned' | 'nobody_free' | 'closed' | 'overtaken';
  agent?: string;
}

/** A line of the log of decisions. */
export interface LoggedDecision {
  number: number;
  conversation: string;
  decision: Decision;
  sequel?: 'accepted' | 'declined' | 'timed_out' | 'agent_gone' | 'overtaken';
  sequel_at?: number;
}

/** A visitor who does not exist. */
export interface ImaginedVisitor {
  site: string;
  team: string;
  language: string;
  topic: string;
  level: number;
  last_agent: string;
  location?: GeoPoint;
}

export interface RoutingPreviewAnswer {
  decision: Decision;
  /** How many wait in the same line. */
  waiting: number;
}

/** A conversation as the projection knows it; the Room and the Desk are ahead of it. */
export interface Conversation {
  id: string;
  site: string;
  visitor: { id: string; name: string; email: string; verified: boolean; blocked: boolean; };
  status: StatusName;
  snoozed_until: string | null;
  assignee: { id: string; name: string; } | null;
  assignment_epoch: number;
  created_at: string;
  last_at: string | null;
  last_text: string | null;
  last_sender: string | null;
  unread: number;
  head: number;
  muted: boolean;
  /** Ids of what agents have put on it; a server of before says nothing of them. */
  tags?: string[];
}

/** A place where the words of a search were found. */
export interface SearchHit {
  conversation: string;
  log: 'public' | 'private';
  seq: number;
  at: string;
  text: string;
  visitor_name: string;
}

/** What a one-time link is for. */
export interface LinkInfo {
  purpose: 'invitation' | 'reset';
  email: string;
  name: string;
  workspace: string;
}

/** The workspace's bot. */
export interface Bot {
  enabled: boolean;
  /** The share of right answers that it may hold back, in percent; null: as its model says. */
  hold_back: number | null;
  handoff_team: string | null;
  responder: Responder;
  model: BotModel | null;
  /** What it would learn from is newer than its model. */
  changed: boolean;
  ceilings: Ceilings;
  spent: Spent;
}

/** What a language model may cost; days are those of UTC. */
export interface Ceilings {
  calls_per_day: number;
  tokens_per_day: number;
  tokens_per_answer: number;
  calls_per_conversation: number;
}

/** What it has cost today. */
export interface Spent {
  calls: number;
  tokens: number;
  /** It is not asked any more today. */
  reached: boolean;
}

export type ResponderKind = 'built_in' | 'webhook' | 'model';

/** Who answers. Its key is shown to nobody. */
export interface Responder {
  kind: ResponderKind;
  /** Where it is called. */
  url?: string;
  /** Which model. */
  model?: string;
  key_set: boolean;
}

/** Who is to answer, whole. */
export interface ResponderDraft {
  kind: ResponderKind;
  url?: string;
  model?: string;
  /** Left out, the one that is known stays. */
  key?: string;
}

/** What came of a question to whoever is set to answer. */
export interface Tried {
  ok: boolean;
  /** What it answered with, if it did. */
  status?: number;
  /** A stable name of what went wrong, or of what else there is to say. */
  reason?: string;
  /** The beginning of what it said. */
  text?: string;
  took_ms: number;
}

/** Messages of visitors by what the bot did about them, and the conversations that they were in. */
export interface Turns {
  /** The day, counted from the report's beginning, or an intent; empty: none. */
  key: string;
  answered: number;
  asked: number;
  handed_over: number;
  /** Those of all of them with which the built-in bot stood in for the workspace's own. */
  stood_in: number;
  conversations: number;
  /** Without a person. */
  resolved: number;
  /** Answers of which the visitor said that they helped, and that they did not. */
  helped: number;
  not_helped: number;
}

/** What the bot did from one moment to another, in milliseconds. */
export interface BotReport {
  from: number;
  to: number;
  days: Turns[];
  intents: Turns[];
}

/** What the bot could not answer, or not so that it helped, with everybody who asked it. */
export interface OpenQuestion {
  /** In the words of some of them. */
  texts: string[];
  count: number;
  newest: string;
  /** The nearest intents. */
  near: string[];
  /** The intent that was chosen when the bot asked back. */
  chosen?: string;
  /** So many of them were answered, and it did not help. */
  unhelpful: number;
  /** What people answered where the conversation is resolved, the newest first. */
  answers?: PersonsAnswer[];
  turns: string[];
}

/** What a person answered to a question that the bot did not. */
export interface PersonsAnswer {
  text: string;
  by: string;
  at: string;
  conversation: string;
}

/** An answer that the bot would give. */
export interface Suggestion {
  /** Of an intent, or an entry of the FAQ. */
  id: string;
  title: string;
  text: string;
}

/** A version of what a bot has learnt. */
export interface BotModel {
  version: number;
  hash: string;
  intents: number;
  examples: number;
  /** Percent, by cross-validation. */
  accuracy: number | null;
  /** Percent of right answers that it holds back unless its owner says otherwise. */
  hold_back: number;
  trained_at: string;
  trained_by: { id: string; name: string; };
  current: boolean;
}

/** A text in the two languages that a bot speaks; either may be empty. */
export interface Words {
  en: string;
  zh: string;
}

/** One thing that the bot asks for before an intent is dealt with. */
export interface FormField {
  /** Its name, as `{key}` in the answer. */
  key: string;
  kind: 'order' | 'email' | 'phone' | 'text';
  /** In neither language: the bot asks in words of its own. */
  ask: Words;
}

/** A call to the owner's own system, whose answer is said. */
export interface Action {
  url: string;
  /** Only for visitors whom their site has signed. */
  verified: boolean;
}

/** What an intent is, without its name. */
export interface IntentDraft {
  title: Words;
  answer: Words;
  does: 'answer' | 'handoff';
  /** Intents that are offered below the answer. */
  buttons: string[];
  /** What is asked for first; absent: nothing. */
  form?: FormField[];
  /** What is called instead of the answer; absent: nothing. */
  action?: Action;
  /** What is told instead of the answer while it is published; absent: none. */
  article?: string;
  /** Who takes over; absent: whoever the bot names. */
  handoff_team?: string;
  /** How much before others it comes then, 1 to 9; absent: as its visitor does. */
  handoff_level?: number;
  /** What the conversation gets when the bot goes by it; absent: nothing. */
  tags?: string[];
  examples: string[];
  /** The starter library's examples of that name count as well. */
  library: boolean;
}

/** Something that visitors want, and what the bot does then. */
export interface Intent extends IntentDraft {
  id: string;
  updated_at: string;
}

/** One of an import: examples are added, texts that are not empty replace, the rest stays unless it is given. */
export interface ImportedIntent extends Partial<Omit<IntentDraft, 'title' | 'answer'>> {
  id: string;
  title?: Partial<Words>;
  answer?: Partial<Words>;
}

/** What agents put on conversations. */
export interface Tag {
  id: string;
  name: string;
  /** `#rrggbb`; empty: none. */
  color: string;
}

/** An article as a list has it. */
export interface ArticleLine {
  id: string;
  published: boolean;
  /** Empty: it is not in this language. */
  title: Words;
  updated_at: string;
}

export interface ArticleDraft {
  title: Words;
  /** Markdown. */
  body: Words;
  published: boolean;
}

export interface Article extends ArticleDraft {
  id: string;
  updated_at: string;
}

export interface FaqDraft {
  locale: 'en' | 'zh';
  question: string;
  /** Markdown. */
  answer: string;
}

/** A question and its answer, for the bot to find passages in. */
export interface Faq extends FaqDraft {
  id: string;
  updated_at: string;
}
