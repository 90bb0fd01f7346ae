// The fake workspace's teams: their routes, and the checks of what a team, an agent's profile and a site may hold.
import { randomBytes } from 'node:crypto';
import { checkHours } from './hours.mjs';
import { Refusal } from './refusal.mjs';

const METHODS = ['manual', 'best_match', 'round_robin', 'least_busy'];

/** A team of the world, for tests and for the route. */
export function addTeam(world, name, { members = [], method = null, overflow = null, hours = null, reserved_slots = 0 } = {}) {
  const team = { id: `team_${randomBytes(10).toString('hex')}`, name, members, method, overflow, hours, reserved_slots, created_at: new Date().toISOString() };
  world.teams.push(team);
  return team;
}

export const TEAM_ROUTES = {
  'GET /teams': ({ world }) => {
    known(world);
    return [200, { teams: world.teams }];
  },
  'POST /teams': ({ world, agent, body }) => {
    known(world);
    manages(agent);
    check(world, body);
    if (world.teams.length >= 50) throw new Refusal(409, 'conflict');
    return [201, { team: addTeam(world, body.name, body), live: world.deskConfirms }];
  },
  'PATCH /teams/:id': ({ world, agent, params, body }) => {
    manages(agent);
    const team = found(world, params.id);
    const changes = begunFrom(team, body);
    check(world, changes, team.id);
    return [200, { team: Object.assign(team, changes), live: world.deskConfirms }];
  },
  'DELETE /teams/:id': ({ world, agent, params }) => {
    manages(agent);
    const team = found(world, params.id);
    world.teams = world.teams.filter((one) => one !== team);
    for (const one of world.teams) if (one.overflow === team.id) one.overflow = null;
    for (const site of world.sites) if (site.team === team.id) site.team = null;
    for (const room of world.rooms.values()) if (room.ownTeam === team.id) room.ownTeam = '';
    for (const room of world.rooms.values()) world.changed(room);
    return [200, { live: world.deskConfirms }];
  },
};

/** The routes of tags. */
export const TAG_ROUTES = {
  'GET /tags': ({ world }) => [200, { tags: world.tags }],
  'POST /tags': ({ world, agent, body }) => {
    manages(agent);
    const tag = { id: `tag_${randomBytes(8).toString('hex')}`, ...checkTag(world, body) };
    world.tags.push(tag);
    return [201, { tag }];
  },
  'PUT /tags/:id': ({ world, agent, params, body }) => {
    manages(agent);
    const tag = tagOf(world, params.id);
    return [200, { tag: Object.assign(tag, checkTag(world, { name: tag.name, color: tag.color, ...body }, tag.id)) }];
  },
  'DELETE /tags/:id': ({ world, agent, params }) => {
    manages(agent);
    const tag = tagOf(world, params.id);
    world.tags = world.tags.filter((one) => one !== tag);
    return [204];
  },
};

function tagOf(world, id) {
  const tag = world.tags.find((one) => one.id === id);
  if (!tag) throw new Refusal(404, 'not_found');
  return tag;
}

function checkTag(world, { name, color = '', ...rest }, id) {
  refuseUnknown(rest, []);
  if (!name?.trim() || [...name].length > 40) throw wrong('name');
  if (world.tags.some((one) => one.name === name && one.id !== id)) throw new Refusal(409, 'conflict');
  return { name, color };
}

/** What an agent's profile may hold. */
export function checkProfile({ capacity = null, languages = [], skills = [], location = null }) {
  if (location && !(Math.abs(location.latitude) <= 90 && Math.abs(location.longitude) <= 180)) throw wrong('location');
  if (capacity !== null && !(Number.isInteger(capacity) && capacity >= 1 && capacity <= 100)) throw wrong('capacity');
  if (languages.length > 10 || languages.some((tag) => !/^[a-z]{2,3}$/u.test(tag))) throw wrong('languages');
  if (skills.length > 20 || skills.some((skill) => [...skill].length > 40 || !skill || skill !== skill.toLowerCase())) throw wrong('skills');
}

/** A site's team is one of this workspace, or none. */
export function checkTeamOfSite(world, team = null) {
  if (team !== null && !world.teams.some(({ id }) => id === team)) throw wrong('team');
}

/** Fields that the server does not know are refused. */
export function refuseUnknown(body, fields) {
  const unknown = Object.keys(body).find((field) => !fields.includes(field));
  if (unknown) throw wrong(unknown);
}

/** What a change gives, if the lists that it began from (`members_before` …) still stand. */
export function begunFrom(stands, body) {
  const lists = ['members', 'domains', 'languages', 'skills', 'hours'].filter((field) => body[`${field}_before`] !== undefined);
  // Members have no order of their own: the server gives them, and compares them, sorted.
  const now = { ...stands, members: stands.members?.toSorted() };
  const other = lists.find((field) => JSON.stringify(body[`${field}_before`]) !== JSON.stringify(now[field] ?? null));
  if (other) throw new Refusal(409, 'conflict', { field: other });
  return Object.fromEntries(Object.entries(body).filter(([name]) => !lists.some((field) => name === `${field}_before`)));
}

function check(world, body, id) {
  refuseUnknown(body, ['name', 'members', 'method', 'overflow', 'hours', 'reserved_slots']);
  const { name, members = [], method = null, overflow = null, reserved_slots = 0 } = body;
  if ((name === undefined && !id) || (name !== undefined && (!name.trim() || [...name].length > 80))) throw wrong('name');
  if (members.some((member) => !world.agents.some((agent) => agent.id === member))) throw wrong('members');
  if (method !== null && !METHODS.includes(method)) throw wrong('method');
  if (overflow !== null && (overflow === id || !world.teams.some((team) => team.id === overflow))) throw wrong('overflow');
  if (!Number.isInteger(reserved_slots) || reserved_slots < 0 || reserved_slots > 100) throw wrong('reserved_slots');
  checkHours(body.hours);
  if (world.teams.some((team) => team.name === name && team.id !== id)) throw new Refusal(409, 'conflict', { field: 'name' });
}

/** A server of before has no such routes. */
function known(world) {
  if (world.isOlder) throw new Refusal(404, 'not_found');
}

function found(world, id) {
  const team = world.teams.find((one) => one.id === id);
  if (!team) throw new Refusal(404, 'not_found');
  return team;
}

function manages(agent) {
  if (agent.role === 'agent') throw new Refusal(403, 'forbidden');
}

const wrong = (field) => new Refusal(400, 'bad_request', { field });
