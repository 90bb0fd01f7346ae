// The REST nouns of docs/api.md that the console uses. Times are RFC 3339 text.

export type * from './bot-types';

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

/** What agents put on conversations. */
export interface Tag {
  id: string;
  name: string;
  /** `#rrggbb`; empty: none. */
  color: string;
}
