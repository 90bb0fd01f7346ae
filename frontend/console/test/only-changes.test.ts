// Two people change the same thing: each sends only what they have changed, so that neither undoes what the other did.

import { createPinia, setActivePinia } from 'pinia';
import type { Pinia } from 'pinia';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Problem } from '../src/api/problem';
import type { Agent, Hours, Me, Site, Tag, Team } from '../src/api/types';
import { mounted, opened } from './form';
import type { Form } from './form';

const api = vi.hoisted(() => {
  const of = () => ({ list: vi.fn(), change: vi.fn(), create: vi.fn(), put: vi.fn() });
  return { teams: of(), sites: of(), agents: of(), tags: of(), routing: { get: vi.fn(), change: vi.fn() }, session: {} };
});
vi.mock('../src/api/routes', () => api);
const { draftOf } = await import('../src/hours/draft');
const { useHours } = await import('../src/hours/hours-store');
const { useSession } = await import('../src/session/store');
const { default: AgentDialog } = await import('../src/settings/AgentDialog.vue');
const { default: HoursPage } = await import('../src/settings/HoursPage.vue');
const { default: RoutingPage } = await import('../src/settings/RoutingPage.vue');
const { default: SiteDialog } = await import('../src/settings/SiteDialog.vue');
const { default: TagDialog } = await import('../src/settings/TagDialog.vue');
const { default: TeamDialog } = await import('../src/settings/TeamDialog.vue');
const { useTeams } = await import('../src/settings/teams-store');

const hours: Hours = { timezone: 'Asia/Shanghai', weekly: [[{ from: 540, to: 1080 }], [], [], [], [], [], []], exceptions: [{ date: '2026-05-01', spans: [] }, { date: '2026-01-01', spans: [] }] };
const team: Team = { id: 'team_1', name: 'Sales', members: ['agt_c', 'agt_a'], method: null, overflow: null, hours, reserved_slots: 2, created_at: '' };
const site: Site = { id: 'site_1', name: 'Shop', domains: ['b.example', 'a.example'], greeting: 'Hi', color: '', locale: '', snippet: '', team: 'team_1', when_closed: 'bot', hours: null, created_at: '' };
const agent: Agent = { id: 'agt_a', name: 'Ada', email: 'ada@shop.example', role: 'agent', state: 'active', created_at: '', capacity: null, languages: ['en'], skills: ['vip'], location: { latitude: 31.23, longitude: 121.47 } };
const tag: Tag = { id: 'tag_1', name: 'VIP', color: '#112233' };

/** Other days as a form has them. */
const inOrder = (them: Hours): Hours => ({ ...them, exceptions: them.exceptions.toSorted((a, b) => (a.date < b.date ? -1 : 1)) });

let pinia: Pinia;

beforeEach(async () => {
  vi.stubGlobal('document', { querySelector: () => null });
  pinia = createPinia();
  setActivePinia(pinia);
  for (const { change, create, put } of [api.teams, api.sites, api.agents, api.tags]) for (const one of [change, create, put]) one.mockReset();
  api.teams.list.mockResolvedValue({ teams: [team, { ...team, id: 'team_2', name: 'Help' }] });
  api.routing.get.mockResolvedValue({ hours: null, live: true });
  api.teams.change.mockResolvedValue({ team });
  api.teams.create.mockResolvedValue({ team });
  api.sites.change.mockResolvedValue({ site });
  api.sites.create.mockResolvedValue({ site });
  api.agents.change.mockResolvedValue({ agent });
  api.tags.put.mockResolvedValue({ tag });
  useSession().enter({ id: 'agt_me', role: 'owner' } as Me);
  await Promise.all([useTeams().load(), useHours().load()]);
});

/** What is sent once somebody has written something into the fields and saved, and whether the form is open still. */
async function saved(dialog: object, props: object, send: { mock: { calls: unknown[][]; }; }, write: (form: Form) => void) {
  const { form, isOpen } = await opened(dialog, pinia, props);
  write(form);
  await form.save();
  return { sent: send.mock.calls.map((call) => call.at(-1)), open: isOpen() };
}

const NOTHING = { sent: [], open: false };
const only = (change: object) => ({ sent: [change], open: false });

describe('of a team', () => {
  const save = (write: (form: Form) => void) => saved(TeamDialog, { team, agents: [agent] }, api.teams.change, write);

  it.each<[string, (form: Form) => void, object]>([
    ['a name', (form) => (form.name.value = ' Sellers '), { name: 'Sellers' }],
    ['members, whole', (form) => form.members.value.push('agt_b'), { members: ['agt_a', 'agt_b', 'agt_c'], members_before: ['agt_a', 'agt_c'] }],
    ['how it gets conversations', (form) => (form.method.value = 'manual'), { method: 'manual' }],
    ['who helps out', (form) => (form.overflow.value = 'team_2'), { overflow: 'team_2' }],
    ['slots', (form) => (form.slots.value = '0'), { reserved_slots: 0 }],
    ['hours, whole', (form) => (form.hoursDraft.value.isSet = false), { hours: null, hours_before: hours }],
  ])('%s', async (_, write, wanted) => expect(await save(write)).toEqual(only(wanted)));

  it('nothing, where members come in another order or were put back', async () => {
    expect(await save((form) => (form.members.value = ['agt_a', 'agt_c']))).toEqual(NOTHING);
  });

  it('nothing that can’t be: the form stays', async () => {
    expect(await save((form) => (form.slots.value = 'x'))).toEqual({ sent: [], open: true });
    expect(await save((form) => (form.name.value = ' '))).toEqual({ sent: [], open: true });
  });

  it('the same again where the first try was refused', async () => {
    api.teams.change.mockRejectedValueOnce(new Problem('network'));
    const { form, isOpen } = await opened(TeamDialog, pinia, { team, agents: [] });
    form.name.value = 'Sellers';
    await form.save();
    expect(isOpen()).toBe(true);
    await form.save();
    expect(api.teams.change.mock.calls).toEqual([['team_1', { name: 'Sellers' }], ['team_1', { name: 'Sellers' }]]);
  });

  it('all of a new one', async () => {
    expect(await saved(TeamDialog, { team: null, agents: [] }, api.teams.create, (form) => (form.name.value = 'New')))
      .toEqual(only({ name: 'New', members: [], method: null, overflow: null, hours: null, reserved_slots: 0 }));
  });
});

describe('of a site', () => {
  const save = (write: (form: Form) => void) => saved(SiteDialog, { site }, api.sites.change, write);

  it.each<[string, (form: Form) => void, object]>([
    ['a greeting', (form) => (form.greeting.value = 'Hello'), { greeting: 'Hello' }],
    ['domains, whole', (form) => (form.domains.value += '\nc.example'), { domains: ['b.example', 'a.example', 'c.example'], domains_before: ['b.example', 'a.example'] }],
    ['whose it is', (form) => (form.team.value = ''), { team: null }],
    ['what it does while it is closed', (form) => (form.whenClosed.value = 'form'), { when_closed: 'form' }],
    ['hours, where there were none', (form) => (form.hoursDraft.value = draftOf(hours, '')), { hours: inOrder(hours), hours_before: null }],
  ])('%s', async (_, write, wanted) => expect(await save(write)).toEqual(only(wanted)));

  it('nothing, also no colour where it has none', async () => expect(await save(() => {})).toEqual(NOTHING));

  it('of a new one what was chosen', async () => {
    const { sent } = await saved(SiteDialog, { site: null }, api.sites.create, (form) => (form.name.value = 'New'));
    expect(sent).toEqual([{ name: 'New', domains: [], greeting: '', color: '#0b6b6b', locale: '' }]);
  });
});

describe('of an agent', () => {
  const save = (write: (form: Form) => void) => saved(AgentDialog, { agent }, api.agents.change, write);

  it.each<[string, (form: Form) => void, object]>([
    ['a role', (form) => (form.role.value = 'admin'), { role: 'admin' }],
    ['skills', (form) => (form.profile.value.skills = 'vip, returns'), { skills: ['vip', 'returns'], skills_before: ['vip'] }],
    ['that they are nowhere', (form) => (form.profile.value.location = ''), { location: null }],
  ])('%s', async (_, write, wanted) => expect(await save(write)).toEqual(only(wanted)));

  it('nothing', async () => expect(await save(() => {})).toEqual(NOTHING));
});

describe('of a list that a colleague has changed meanwhile', () => {
  const overtaken = (field: string) => new Problem('conflict', 409, '', field);

  it('theirs is said, what was written stays, and saving again is about theirs', async () => {
    api.teams.change.mockRejectedValueOnce(overtaken('members'));
    api.teams.list.mockResolvedValue({ teams: [{ ...team, members: ['agt_a', 'agt_d'] }] });
    const { form, isOpen } = await opened(TeamDialog, pinia, { team, agents: [agent] });
    form.members.value.push('agt_b');
    await form.save();
    expect(form.lists.theirsIn('members', form.nameOf)).toBe('A colleague has changed this meanwhile. It is now: Ada and agt_d. If you save again, yours replaces it.');
    expect([isOpen(), form.members.value]).toEqual([true, ['agt_c', 'agt_a', 'agt_b']]);
    await form.save();
    const members = ['agt_a', 'agt_b', 'agt_c'];
    expect(api.teams.change.mock.calls.map((call) => call[1])).toEqual([{ members, members_before: ['agt_a', 'agt_c'] }, { members, members_before: ['agt_a', 'agt_d'] }]);
    expect([isOpen(), form.lists.theirsIn('members')]).toEqual([false, '']);
  });

  it('one that was emptied; and what was there before can be put back', async () => {
    api.sites.change.mockRejectedValueOnce(overtaken('domains'));
    api.sites.list.mockResolvedValue({ sites: [{ ...site, domains: [] }] });
    const { form } = await opened(SiteDialog, pinia, { site });
    form.domains.value += '\nc.example';
    await form.save();
    expect(form.lists.theirsIn('domains')).toContain('has emptied this');
    form.domains.value = 'b.example\na.example';
    await form.save();
    expect(api.sites.change.mock.calls.at(-1)).toEqual(['site_1', { domains: ['b.example', 'a.example'], domains_before: [] }]);
  });

  it('the same list is no conflict: the answer to a former try was lost', async () => {
    api.agents.change.mockRejectedValueOnce(overtaken('skills'));
    api.agents.list.mockResolvedValue({ agents: [{ ...agent, skills: ['vip', 'returns'] }] });
    const { form, isOpen } = await opened(AgentDialog, pinia, { agent });
    form.profile.value.skills = 'vip, returns';
    await form.save();
    expect(api.agents.change.mock.calls.at(-1)).toEqual(['agt_a', { skills: ['vip', 'returns'], skills_before: ['vip', 'returns'] }]);
    expect(isOpen()).toBe(false);
  });

  it('and of hours: theirs can be had instead', async () => {
    const theirs = { ...hours, timezone: 'Europe/Berlin' };
    for (const [dialog, props, { change, list }, found] of [
      [TeamDialog, { team, agents: [agent] }, api.teams, { teams: [{ ...team, hours: theirs }] }],
      [SiteDialog, { site: { ...site, hours } }, api.sites, { sites: [{ ...site, hours: theirs }] }],
    ] as const) {
      change.mockRejectedValueOnce(overtaken('hours'));
      list.mockResolvedValue(found);
      const { form, isOpen } = await opened(dialog, pinia, props);
      form.hoursDraft.value.timezone = 'UTC';
      await form.save();
      expect([isOpen(), form.hoursDraft.value.timezone, form.lists.theirHours.value, form.rest.value]).toEqual([true, 'UTC', { hours: theirs }, null]);
      form.loadHours();
      expect([form.hoursDraft.value.timezone, form.lists.theirHours.value]).toEqual(['Europe/Berlin', null]);
      form.hoursDraft.value.isSet = false;
      await form.save();
      expect(change.mock.calls.map((call) => call[1])).toEqual([{ hours: { ...inOrder(hours), timezone: 'UTC' }, hours_before: hours }, { hours: null, hours_before: theirs }]);
    }
  });

  it.each(['', 'members_before'])('a server of before is sent the list alone (%s)', async (field) => {
    api.teams.change.mockRejectedValueOnce(new Problem('bad_request', 400, '', field));
    const { form, isOpen } = await opened(TeamDialog, pinia, { team, agents: [agent] });
    form.members.value = [];
    await form.save();
    expect([api.teams.change.mock.calls.at(-1), isOpen()]).toEqual([['team_1', { members: [] }], false]);
  });
});

describe('of a tag', () => {
  it.each<[string, (form: Form) => void, object]>([
    ['a colour', (form) => (form.form.value.color = '#000000'), { color: '#000000' }],
    ['a name', (form) => (form.form.value.name = 'Guest'), { name: 'Guest' }],
  ])('%s', async (_, write, wanted) => expect(await saved(TagDialog, { tag }, api.tags.put, write)).toEqual(only(wanted)));

  it('nothing', async () => expect(await saved(TagDialog, { tag }, api.tags.put, () => {})).toEqual(NOTHING));
});

describe('of when the workspace is open', () => {
  const others = { ...hours, exceptions: [] };
  const answer = (stands: Hours | null, live = true) => ({ routing: {}, hours: stands, version: 1, live });

  /** The page as it has loaded them. */
  async function page(stands: Hours | null, live = true) {
    api.routing.get.mockReset().mockResolvedValue(answer(stands, live));
    api.routing.change.mockReset().mockImplementation(({ hours: sent = stands }) => Promise.resolve(answer(sent)));
    const form = mounted(HoursPage, pinia);
    await vi.waitFor(() => expect(form.draft.value).not.toBe(null));
    return form;
  }

  it('them, whole, with those that they were begun from; what came back begins the next', async () => {
    const form = await page(hours);
    form.draft.value.timezone = 'UTC';
    await form.save();
    form.draft.value.isSet = false;
    await form.save();
    const saved = { ...inOrder(hours), timezone: 'UTC' };
    expect(api.routing.change.mock.calls).toEqual([[{ hours: saved, hours_before: hours }], [{ hours: null, hours_before: saved }]]);
  });

  it('nothing: what somebody else has saved is shown', async () => {
    const form = await page(hours);
    api.routing.get.mockResolvedValue(answer(others));
    await form.save();
    expect([form.draft.value.exceptions, api.routing.change.mock.calls]).toEqual([[], []]);
  });

  it('nothing, but that is said, where the Desk has not heard of the last', async () => {
    const form = await page(hours, false);
    await form.save();
    expect(api.routing.change.mock.calls).toEqual([[{}]]);
  });

  it('that a colleague has saved others; theirs can be had, or written over', async () => {
    for (const keeps of [true, false]) {
      const form = await page(hours);
      form.draft.value.timezone = 'UTC';
      api.routing.change.mockRejectedValueOnce(new Problem('conflict', 409, '', 'hours'));
      api.routing.get.mockResolvedValue(answer(others));
      await form.save();
      expect([form.draft.value.timezone, form.lists.theirHours.value, form.rest.value]).toEqual(['UTC', { hours: others }, null]);
      if (!keeps) form.takeTheirs();
      expect(form.draft.value.timezone).toBe(keeps ? 'UTC' : 'Asia/Shanghai');
      await form.save();
      expect(api.routing.change.mock.calls.slice(1)).toEqual(keeps ? [[{ hours: { ...inOrder(hours), timezone: 'UTC' }, hours_before: others }]] : []);
      expect(form.lists.theirHours.value).toBe(null);
    }
  });
});

describe('of how conversations come to agents', () => {
  const routing = { method: 'round_robin', capacity: 5, ring_seconds: 30, gone_minutes: 10, weights: { load: 60, idle: 40 } } as const;

  /** The page as it has loaded them. */
  async function page(live: boolean) {
    api.routing.get.mockResolvedValue({ routing, live });
    api.routing.change.mockReset().mockResolvedValue({ routing: { ...routing, ring_seconds: 20 }, live: true });
    const form = mounted(RoutingPage, pinia);
    await vi.waitFor(() => expect(form.draft.value).not.toBe(null));
    return form;
  }

  it('a limit; what came back begins the next', async () => {
    const form = await page(true);
    form.draft.value.ring_seconds = '20';
    await form.save();
    form.draft.value.capacity = '6';
    await form.save();
    expect(api.routing.change.mock.calls).toEqual([[{ ring_seconds: 20 }], [{ capacity: 6 }]]);
  });

  it('nothing: what somebody else has saved is shown', async () => {
    const form = await page(true);
    api.routing.get.mockResolvedValue({ routing: { ...routing, capacity: 9 }, live: true });
    await form.save();
    expect([form.draft.value.capacity, api.routing.change.mock.calls]).toEqual(['9', []]);
  });

  it('nothing, but that is said, where the Desk has not heard of the last', async () => {
    const form = await page(false);
    await form.save();
    expect([form.isLate.value, api.routing.change.mock.calls]).toEqual([false, [[{}]]]);
  });
});
