import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Problem } from '../src/api/problem';
import type { Team } from '../src/api/types';

const api = vi.hoisted(() => ({ list: vi.fn() }));
vi.mock('../src/api/routes', () => ({ teams: api }));
const { useTeams } = await import('../src/settings/teams-store');

const team = (id: string, given: Partial<Team> = {}): Team => ({ id, name: id, members: [], method: null, overflow: null, created_at: '', ...given });
const answers = (...teams: Team[]) => api.list.mockResolvedValue({ teams });
const names = () => useTeams().teams.map(({ name }) => name);

beforeEach(() => {
  setActivePinia(createPinia());
  api.list.mockReset();
});

describe('the teams', () => {
  it('are sorted by name, and named', async () => {
    answers(team('b'), team('a'));
    await useTeams().load();
    expect(names()).toEqual(['a', 'b']);
    expect([useTeams().nameOf('b'), useTeams().nameOf('c'), useTeams().nameOf('')]).toEqual(['b', '', '']);
  });

  it('are none where the server is of before; another refusal is a problem', async () => {
    api.list.mockRejectedValueOnce(new Problem('not_found', 404));
    await useTeams().load();
    expect(useTeams()).toMatchObject({ loaded: true, teams: [], problem: null });
    api.list.mockRejectedValueOnce(new Problem('network'));
    await useTeams().load();
    expect(useTeams().problem?.code).toBe('network');
  });

  it('are asked for again when one is unknown, once for each', async () => {
    answers(team('a'));
    useTeams().learn(['new']);
    expect(api.list).toHaveBeenCalledTimes(0);
    await useTeams().load();
    useTeams().learn(['a', '']);
    expect(api.list).toHaveBeenCalledTimes(1);
    useTeams().learn(['a', 'new', 'new']);
    useTeams().learn(['new']);
    expect(api.list).toHaveBeenCalledTimes(2);
    useTeams().learn(['other']);
    expect(api.list).toHaveBeenCalledTimes(3);
  });

  it('are as they were saved, whatever an older answer says', async () => {
    answers(team('a'));
    await useTeams().load();
    let arrive = (_: { teams: Team[]; }) => {};
    api.list.mockReturnValueOnce(new Promise((resolve) => (arrive = resolve)));
    const late = useTeams().load();
    useTeams().put(team('a', { name: 'renamed' }));
    arrive({ teams: [team('a')] });
    await late;
    expect(names()).toEqual(['renamed']);
  });

  it('do not overflow into one that is gone', async () => {
    answers(team('a', { overflow: 'b' }), team('b'));
    await useTeams().load();
    useTeams().drop('b');
    expect(useTeams().teams).toEqual([team('a')]);
  });
});
