// The routes of docs/api.md that the console calls, by name.

import { del, download, get, patch, post, put, upload } from './client';
import type { Query } from './client';
import { segment as id } from './segment';
import type { Agent, AgentProfile, Article, ArticleDraft, ArticleLine, Bot, BotModel, BotReport, Ceilings, Conversation, Faq, FaqDraft, Heard, Hours, ImaginedVisitor, ImportedIntent, Intent, IntentDraft, LinkInfo, LoggedDecision, Me, OpenQuestion, Past, Pictured, ResponderDraft, Role, Routing, RoutingAnswer, RoutingPreviewAnswer, SearchHit, Site, SiteDraft, SiteIdentity, Suggestion, Tag, Team, TeamDraft, Tried } from './types';

export const session = {
  setupNeeded: () => get<{ needed: boolean; }>('/setup'),
  setup: (body: { token: string; workspace: string; name: string; email: string; password: string; }) =>
    post<{ me: Me; }>('/setup', body),
  login: (email: string, password: string) => post<{ me: Me; }>('/login', { email, password }),
  logout: () => post<void>('/logout'),
  logoutEverywhere: () => post<void>('/logout_everywhere'),
  me: () => get<{ me: Me; }>('/me'),
  rename: (name: string) => patch<{ me: Me; }>('/me', { name }),
  changePassword: (current: string, next: string) => post<void>('/me/password', { current, new: next }),
  link: (token: string) => post<LinkInfo>('/links/look', { token }),
  useLink: (body: { token: string; password: string; name?: string; }) => post<{ me: Me; }>('/links/follow', body),
  ticket: () => post<{ ticket: string; expires_at: string; }>('/tickets'),
};

export const conversations = {
  list: (query: Query) => get<{ conversations: Conversation[]; next: string | null; }>('/conversations', query),
  one: (conversation: string) => get<{ conversation: Conversation; }>(`/conversations/${id(conversation)}`),
  search: (q: string, limit = 50) => get<{ hits: SearchHit[]; }>('/search', { q, limit }),
};

export const visitors = {
  block: (visitor: string) => post<void>(`/visitors/${id(visitor)}/block`),
  unblock: (visitor: string) => post<void>(`/visitors/${id(visitor)}/unblock`),
};

export const agents = {
  list: () => get<{ agents: Agent[]; }>('/agents'),
  invite: (body: { name: string; email: string; role: Role; }) =>
    post<{ agent: Agent; link: string; expires_at: string; }>('/agents', body),
  change: (agent: string, body: Partial<AgentProfile> & { name?: string; role?: Role; }) => patch<{ agent: Agent; } & Heard>(`/agents/${id(agent)}`, body),
  disable: (agent: string) => post<{ agent: Agent; }>(`/agents/${id(agent)}/disable`),
  enable: (agent: string) => post<{ agent: Agent; }>(`/agents/${id(agent)}/enable`),
  /** One's own, or that of whom one manages; null takes it away. Gives its hash. */
  setPicture: (agent: string, picture: Uint8Array | null) =>
    (picture ? put<Pictured>(`/agents/${id(agent)}/picture`, picture) : del<Pictured>(`/agents/${id(agent)}/picture`)),
  reset: (agent: string) => post<{ link: string; expires_at: string; }>(`/agents/${id(agent)}/reset`),
};

export const sites = {
  list: () => get<{ sites: Site[]; }>('/sites'),
  create: (draft: SiteDraft) => post<{ site: Site; } & Heard>('/sites', draft),
  change: (site: string, draft: Partial<SiteDraft>) => patch<{ site: Site; } & Heard>(`/sites/${id(site)}`, draft),
  identity: (site: string) => get<SiteIdentity>(`/sites/${id(site)}/identity`),
  /** `secret_before`: the one that a new one is to replace. */
  changeIdentity: (site: string, change: { new_secret?: true; secret_before?: string | null; enforced?: boolean; }) => post<SiteIdentity>(`/sites/${id(site)}/identity`, change),
};

export const teams = {
  list: () => get<{ teams: Team[]; }>('/teams'),
  create: (draft: TeamDraft) => post<{ team: Team; } & Heard>('/teams', draft),
  change: (team: string, draft: Partial<TeamDraft>) => patch<{ team: Team; } & Heard>(`/teams/${id(team)}`, draft),
  remove: (team: string) => del<Heard>(`/teams/${id(team)}`),
};

export const tags = {
  list: () => get<{ tags: Tag[]; }>('/tags'),
  create: (draft: Omit<Tag, 'id'>) => post<{ tag: Tag; }>('/tags', draft),
  /** What is absent stays. */
  put: (tag: string, draft: Partial<Omit<Tag, 'id'>>) => put<{ tag: Tag; }>(`/tags/${id(tag)}`, draft),
  remove: (tag: string) => del<void>(`/tags/${id(tag)}`),
};

export const routing = {
  get: () => get<RoutingAnswer>('/routing'),
  change: (change: Partial<Routing> & { hours?: Hours | null; }) => patch<RoutingAnswer>('/routing', change),
  decisions: (query: Query) => get<{ decisions: LoggedDecision[]; }>('/routing/decisions', query),
  preview: (visitor: ImaginedVisitor) => post<{ preview: RoutingPreviewAnswer; }>('/routing/preview', visitor),
};

export const bot = {
  get: () => get<Bot>('/bot'),
  change: (change: Partial<Pick<Bot, 'enabled' | 'hold_back' | 'handoff_team'> & { responder: ResponderDraft; ceilings: Partial<Ceilings>; }>) => patch<Bot & Heard>('/bot', change),
  /** Makes another one; nobody is shown it a second time. */
  renewSigning: () => post<{ secret: string; }>('/bot/signing-secret'),
  /** Asks whoever is set to answer, once. */
  tryResponder: (text: string, locale: string) => post<Tried>('/bot/responder/try', { text, locale }),
  models: () => get<{ models: BotModel[]; }>('/bot/models'),
  addModel: (file: Uint8Array, about: { examples: number; accuracy: number; revision: number; }) => upload<BotModel & Heard>('/bot/models', file, about),
  useModel: (version: number) => post<BotModel & Heard>(`/bot/models/${id(version)}/use`),
  modelFile: (version: number) => download(`/bot/models/${id(version)}/file`),
  /** The versions of one, or without it what was deleted, newest first. */
  past: <D>(kind: 'intent' | 'faq' | 'article', id?: string) => get<{ past: Past<D>[]; }>('/bot/past', { kind, id }),
  report: (span: { from: number; to: number; }) => get<BotReport>('/bot/report', span),
  questions: () => get<{ questions: OpenQuestion[]; }>('/bot/questions'),
  settle: (turns: readonly string[], how: 'intent' | 'faq' | 'dismissed', intent?: string) => post<{ settled: number; }>('/bot/questions/settle', { turns, how, intent }),
  suggest: (text: string, locale: string) => post<{ suggestions: Suggestion[]; learnt: boolean; }>('/bot/suggestions', { text, locale }),
  asked: () => get<{ asked: { text: string; did: string; faq: boolean; }[]; }>('/bot/asked'),
};

export const intents = {
  list: () => get<{ intents: Intent[]; revision: number; }>('/intents'),
  /** `begun`: the `updated_at` of the version that this began from; empty: of none. */
  put: (intent: string, draft: IntentDraft, begun: string) => put<Intent & Heard>(`/intents/${id(intent)}`, { ...draft, updated_at: begun }),
  remove: (intent: string) => del<void>(`/intents/${id(intent)}`),
  /** Adds to its examples and changes nothing else: what agents may, too. */
  teach: (intent: string, examples: readonly string[]) => post<{ examples: number; } & Heard>(`/intents/${id(intent)}/examples`, { examples }),
  import: (all: readonly ImportedIntent[]) => post<{ added: number; changed: number; examples: number; } & Heard>('/intents/import', { intents: all }),
};

/** One for answers to name. */
export const pictures = {
  add: (file: Uint8Array) => upload<Pictured>('/pictures', file),
  remove: (hash: string) => del<void>(`/pictures/${id(hash)}`),
};

export const faq = {
  list: (after?: string) => get<{ faq: Faq[]; after?: string; }>('/faq', { after }),
  create: (draft: FaqDraft) => post<Faq>('/faq', draft),
  put: (entry: string, draft: FaqDraft, begun: string) => put<Faq>(`/faq/${id(entry)}`, { ...draft, updated_at: begun }),
  remove: (entry: string) => del<void>(`/faq/${id(entry)}`),
  import: (all: readonly FaqDraft[]) => post<{ added: number; changed: number; }>('/faq/import', { faq: all }),
};

export const articles = {
  list: () => get<{ articles: ArticleLine[]; }>('/articles'),
  get: (article: string) => get<Article>(`/articles/${id(article)}`),
  create: (draft: ArticleDraft) => post<Article & Heard>('/articles', draft),
  put: (article: string, draft: ArticleDraft, begun: string) => put<Article & Heard>(`/articles/${id(article)}`, { ...draft, updated_at: begun }),
  remove: (article: string) => del<void>(`/articles/${id(article)}`),
  preview: (text: string) => post<{ text: string; }>('/articles/preview', { text }),
};
