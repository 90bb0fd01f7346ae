// The fake server's REST side, after docs/api.md, with one session per browser.
import { createHash, randomBytes } from 'node:crypto';
import { BOT_ROUTES } from './bot.mjs';
import { checkHours } from './hours.mjs';
import { IDENTITY_ROUTES } from './identity.mjs';
import { Refusal } from './refusal.mjs';
import { who } from './room.mjs';
import { begunFrom, checkProfile, checkTeamOfSite, refuseUnknown, TAG_ROUTES, TEAM_ROUTES } from './teams.mjs';
import { KIND_NAMES, STATUS_NAMES } from './wire.mjs';

const iso = (at) => (at ? new Date(at).toISOString() : null);

/** Routes as `METHOD /pattern`; each gets `{world, agent, body, query, params}` and answers `[status, body, cookie?]`. */
const ROUTES = {
  'GET /setup': ({ world }) => [200, { needed: world.setupNeeded }],
  'POST /setup': ({ world, body }) => {
    if (body.token !== 'first-token') throw new Refusal(401, 'unauthorized');
    world.setupNeeded = false;
    const [owner] = world.agents;
    Object.assign(owner, { name: body.name, email: body.email, password: body.password });
    world.workspace.name = body.workspace;
    return [201, { me: me(world, owner) }, world.signIn(owner)];
  },
  'POST /login': ({ world, body }) => {
    if (world.lockedOut) throw new Refusal(429, 'locked_out', { retry_after_ms: 65_000 });
    const agent = world.agents.find((one) => one.email === body.email && one.password === body.password && one.state === 'active');
    if (!agent) throw new Refusal(401, 'wrong_credentials');
    return [200, { me: me(world, agent) }, world.signIn(agent)];
  },
  'POST /logout': ({ world, session }) => {
    world.sessions.delete(session);
    world.endSockets((one) => one.session === session);
    return [204];
  },
  'POST /logout_everywhere': ({ world, agent }) => {
    world.signOutEverywhere(agent);
    return [204];
  },
  'GET /me': ({ world, agent }) => [200, { me: me(world, agent) }],
  'PATCH /me': ({ world, agent, body }) => {
    agent.name = body.name;
    return [200, { me: me(world, agent) }];
  },
  'PUT /agents/:id/picture': ({ world, agent, params, body }) => [200, pictured(world, agent, params.id, body)],
  'DELETE /agents/:id/picture': ({ world, agent, params }) => [200, pictured(world, agent, params.id)],
  'POST /me/password': ({ world, agent, body }) => {
    if (body.current !== agent.password) throw new Refusal(400, 'bad_request', { field: 'current' });
    if (body.new.length < 10) throw new Refusal(400, 'bad_request', { field: 'new' });
    agent.password = body.new;
    world.signOutEverywhere(agent);
    return [204, undefined, world.signIn(agent)];
  },
  'POST /tickets': ({ world, agent, session }) => [200, { ticket: world.ticket(agent, session), expires_at: iso(Date.now() + 900_000) }],
  'GET /conversations': ({ world, agent, query }) => {
    const statuses = query.get('status')?.split(',');
    const assignee = query.get('assignee');
    const q = query.get('q')?.toLowerCase();
    const wanted = [...world.rooms.values()].filter((room) => {
      const texts = [room.profile.name, room.profile.email, ...room.messages.map(({ text = '' }) => text)];
      if (q && !texts.some((text) => text.toLowerCase().includes(q))) return false;
      if (statuses && !statuses.includes(STATUS_NAMES[room.state.status])) return false;
      if (query.get('visitor') && room.profile.id !== query.get('visitor')) return false;
      if (query.get('tag') && !room.profile.tags?.includes(query.get('tag'))) return false;
      const holder = room.state.assignee?.id;
      if (assignee === 'me') return holder === agent.id;
      return assignee === 'none' ? !holder : true;
    });
    wanted.sort((a, b) => (b.last?.at ?? b.createdAt) - (a.last?.at ?? a.createdAt));
    const from = Number(query.get('before') ?? 0);
    const limit = Number(query.get('limit') ?? 50);
    return [200, { conversations: wanted.slice(from, from + limit).map(conversation), next: wanted.length > from + limit ? String(from + limit) : null }];
  },
  'GET /conversations/:id': ({ world, params }) => [200, { conversation: conversation(found(world.rooms.get(params.id))) }],
  'GET /search': ({ world, query }) => {
    const words = query.get('q').toLowerCase().split(/\s+/u).filter(Boolean);
    const hits = [];
    for (const room of world.rooms.values()) {
      const entries = [...room.messages.map((one) => ['public', one, one.text]), ...room.privates.map((one) => ['private', one, one.note])];
      for (const [log, { seq, at }, text] of entries) {
        if (text && words.every((word) => text.toLowerCase().includes(word))) {
          hits.push({ conversation: room.id, log, seq, at: iso(at), text, visitor_name: room.profile.name });
        }
      }
    }
    return [200, { hits: hits.sort((a, b) => b.at.localeCompare(a.at)).slice(0, 50) }];
  },
  'POST /visitors/:id/block': ({ world, agent, params }) => block(world, agent, params.id, true),
  'POST /visitors/:id/unblock': ({ world, agent, params }) => block(world, agent, params.id, false),
  ...BOT_ROUTES,
  ...TEAM_ROUTES,
  ...TAG_ROUTES,
  ...IDENTITY_ROUTES,
  'GET /agents': ({ world }) => [200, { agents: world.agents.map((agent) => listed(world, agent)) }],
  'POST /agents': ({ world, agent, body }) => {
    manages(agent);
    if (world.agents.some((one) => one.email === body.email)) throw new Refusal(409, 'conflict');
    const made = world.addAgent({ ...body, state: 'invited' });
    return [201, { agent: listed(world, made), ...world.link(made, 'invitation') }];
  },
  'PATCH /agents/:id': ({ world, agent, params, body: given }) => {
    manages(agent);
    const other = found(world.agents.find((one) => one.id === params.id));
    const body = begunFrom(other, given);
    refuseUnknown(body, world.isOlder ? ['name', 'role'] : ['name', 'role', ...PROFILE]);
    checkProfile(body);
    Object.assign(other, body);
    return [200, { agent: listed(world, other), ...(world.isOlder ? {} : { live: world.deskConfirms }) }];
  },
  'POST /agents/:id/disable': ({ world, agent, params }) => {
    manages(agent);
    const other = found(world.agents.find((one) => one.id === params.id));
    if (other === agent) throw new Refusal(409, 'conflict');
    other.state = 'disabled';
    world.signOutEverywhere(other);
    return [200, { agent: listed(world, other) }];
  },
  'POST /agents/:id/enable': ({ world, agent, params }) => {
    manages(agent);
    return [200, { agent: listed(world, Object.assign(found(world.agents.find((one) => one.id === params.id)), { state: 'active' })) }];
  },
  'POST /agents/:id/reset': ({ world, agent, params }) => {
    manages(agent);
    const other = found(world.agents.find((one) => one.id === params.id));
    return [200, world.link(other, other.state === 'invited' ? 'invitation' : 'reset')];
  },
  'POST /links/look': ({ world, body }) => {
    const link = world.links.get(body.token);
    if (!link) throw new Refusal(410, 'gone');
    return [200, { purpose: link.purpose, email: link.agent.email, name: link.agent.name, workspace: world.workspace.name }];
  },
  'POST /links/follow': ({ world, body }) => {
    const link = world.links.get(body.token);
    if (!link) throw new Refusal(410, 'gone');
    if (body.password.length < 10) throw new Refusal(400, 'bad_request', { field: 'password' });
    world.links.delete(body.token);
    Object.assign(link.agent, { password: body.password, state: 'active', ...(body.name ? { name: body.name } : {}) });
    return [200, { me: me(world, link.agent) }, world.signIn(link.agent)];
  },
  'GET /sites': ({ world, agent }) => [200, { sites: world.sites.map((site) => ({ ...listedSite(world, site), ...seen(world, agent, site) })) }],
  'POST /sites': ({ world, agent, body }) => {
    manages(agent);
    checkDomains(body.domains);
    checkTeamOfSite(world, body.team);
    const id = `site_${randomBytes(10).toString('hex')}`;
    const site = { id, greeting: '', color: '', locale: '', team: null, ...body, snippet: `<script async src="${world.url}/widget.js" data-site="${id}"></script>`, created_at: iso(Date.now()) };
    world.sites.push(site);
    return [201, { site: listedSite(world, site), live: world.deskConfirms }];
  },
  'PATCH /sites/:id': ({ world, agent, params, body: given }) => {
    manages(agent);
    const site = found(world.sites.find((one) => one.id === params.id));
    const body = begunFrom(site, given);
    refuseUnknown(body, ['name', 'domains', 'greeting', 'color', 'locale', ...(world.isOlder ? [] : ['team', 'when_closed', 'hours'])]);
    checkHours(body.hours ?? null);
    if (body.domains) checkDomains(body.domains);
    checkTeamOfSite(world, body.team);
    Object.assign(site, body);
    for (const room of world.rooms.values()) if (room.site === site.id) world.changed(room);
    return [200, { site: listedSite(world, site), live: world.deskConfirms }];
  },
  'GET /routing': ({ world, agent }) => {
    manages(agent);
    return [200, routing(world)];
  },
  'GET /routing/decisions': ({ world, agent, query }) => {
    manages(agent);
    if (world.isOlder) throw new Refusal(404, 'not_found');
    const about = query.get('conversation');
    const before = Number(query.get('before') ?? Infinity);
    const lines = world.decisions.filter((line) => (!about || line.conversation === about) && line.number < before);
    return [200, { decisions: lines.slice(0, Number(query.get('limit') ?? 50)) }];
  },
  'POST /routing/preview': ({ world, agent, body }) => {
    manages(agent);
    refuseUnknown(body, ['site', 'team', 'language', 'topic', 'level', 'last_agent', 'location']);
    world.previewed = body;
    return [200, { preview: world.preview }];
  },
  'PATCH /routing': ({ world, agent, body: given }) => {
    manages(agent);
    const body = begunFrom(world, given);
    refuseUnknown(body, [...Object.keys(routing(world).routing), ...(world.isOlder ? [] : ['hours'])]);
    refuseUnknown(body.weights ?? {}, Object.keys(routing(world).routing.weights));
    if (body.capacity < 1 || body.capacity > 100) throw new Refusal(400, 'bad_request', { field: 'capacity' });
    const { hours = world.hours, ...rest } = body;
    checkHours(hours);
    world.hours = hours;
    Object.assign(world.routing, rest);
    world.routingVersion++;
    return [200, routing(world)];
  },
};

const OPEN = /^(?:GET|POST) \/(?:setup|login|links\/look|links\/follow)$/u;
const TABLE = Object.entries(ROUTES).map(([key, run]) => {
  const [method, pattern] = key.split(' ');
  return { key, method, run, pattern: new RegExp(`^${pattern.replace(/:(\w+)/gu, '(?<$1>[^/]+)')}$`, 'u') };
});

/** Answers one request. */
export function answer(world, method, path, query, body, session) {
  for (const { key, method: wanted, run, pattern } of TABLE) {
    const match = method === wanted && pattern.exec(path);
    if (!match) continue;
    const agent = world.agents.find((one) => one.id === world.sessions.get(session));
    if (!OPEN.test(key) && !agent) throw new Refusal(401, 'unauthorized');
    return run({ world, agent, session, query, body, params: { ...match.groups } });
  }
  throw new Refusal(404, 'not_found');
}

function me(world, { id, name, email, role, picture = '' }) {
  return { id, name, email, role, workspace: world.workspace, picture };
}

/** Gives an agent this picture, or none. */
function pictured(world, agent, id, file) {
  if (id !== agent.id) manages(agent);
  const picture = file ? createHash('sha256').update(file).digest('hex').slice(0, 32) : '';
  found(world.agents.find((one) => one.id === id)).picture = picture;
  if (file) world.pictures.set(picture, file);
  return { picture };
}

const PROFILE = ['capacity', 'languages', 'skills', 'location'];

function listed(world, { id, name, email, role, state, created_at, ...rest }) {
  const profile = world.isOlder ? {} : Object.fromEntries(PROFILE.map((field) => [field, rest[field]]));
  return { id, name, email, role, state, created_at, ...profile, ...(world.isOlder ? {} : { picture: rest.picture ?? '' }) };
}

function listedSite(world, { team, when_closed = 'form', hours = null, ...site }) {
  return world.isOlder ? site : { ...site, team, when_closed, hours };
}

/** The page of the owner's where a site's visitors were last, for those who manage. */
function seen(world, agent, site) {
  if (world.isOlder || agent.role === 'agent') return {};
  const may = (host) => site.domains.some((domain) => host === domain || (domain.startsWith('*.') && host.endsWith(domain.slice(1))));
  const pages = [...world.rooms.values()].filter((room) => room.site === site.id && room.profile.pageUrl && may(new URL(room.profile.pageUrl).hostname));
  const [last] = pages.sort((a, b) => (b.last?.at ?? b.createdAt) - (a.last?.at ?? a.createdAt));
  return { seen: last ? { host: new URL(last.profile.pageUrl).host, at: iso(last.last?.at ?? last.createdAt) } : null };
}

function routing({ routing, hours, routingVersion, deskConfirms, isOlder }) {
  const { overflow_minutes, reopen_hours, last_agent_days, form_minutes, follow_up_seconds, ageing_minutes, reserved_slots, idle_minutes, idle_warning_minutes, weights: { language, skill, distance, ...weights }, ...older } = routing;
  return { ...(isOlder ? { routing: { ...older, weights } } : { routing, hours }), version: routingVersion, live: deskConfirms };
}

function conversation(room) {
  const { state, profile, last } = room;
  return {
    id: room.id,
    site: room.site,
    visitor: { id: profile.id, name: profile.name, email: profile.email, verified: profile.verified, blocked: profile.blocked },
    status: STATUS_NAMES[state.status],
    snoozed_until: iso(state.snoozedUntil),
    assignee: state.assignee ? { id: state.assignee.id, name: state.assignee.name } : null,
    assignment_epoch: state.assignmentEpoch,
    created_at: iso(room.createdAt),
    last_at: iso(last?.at),
    last_text: last?.text ?? null,
    last_sender: last ? KIND_NAMES[last.sender.kind] : null,
    unread: room.unread,
    head: room.messages.length,
    muted: profile.muted,
    tags: profile.tags ?? [],
  };
}

function block(world, agent, visitor, blocked) {
  const rooms = [...world.rooms.values()].filter((room) => room.profile.id === visitor);
  if (rooms.length === 0) throw new Refusal(404, 'not_found');
  for (const room of rooms) room.setBlocked(blocked, who(agent));
  return [204];
}

function manages(agent) {
  if (agent.role === 'agent') throw new Refusal(403, 'forbidden');
}

function checkDomains(domains) {
  if (domains.some((domain) => !/^(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+$/u.test(domain))) throw new Refusal(400, 'bad_request', { field: 'domains' });
}

function found(thing) {
  if (!thing) throw new Refusal(404, 'not_found');
  return thing;
}
