// The workspace's teams: the settings change them, the inbox names them and shows their queues.

import { defineStore } from 'pinia';
import { ref } from 'vue';
import { asProblem } from '../api/problem';
import type { Problem } from '../api/problem';
import { teams as api } from '../api/routes';
import type { Team } from '../api/types';

export const useTeams = defineStore('teams', () => {
  const teams = ref<Team[]>([]);
  const loaded = ref(false);
  const problem = ref<Problem | null>(null);
  /** Ids that were looked for in vain, or are being looked for. */
  let sought = new Set<string>();
  let turn = 0;

  async function load(): Promise<void> {
    const mine = ++turn;
    try {
      const answer = (await api.list()).teams;
      if (mine === turn) take(answer);
    } catch (error) {
      const found = asProblem(error);
      if (mine !== turn) return;
      // A server that is older than this console has no teams.
      if (found.code === 'not_found') take([]);
      else problem.value = found;
    }
  }

  function take(all: Team[]): void {
    teams.value = [...all].sort((a, b) => a.name.localeCompare(b.name));
    loaded.value = true;
    problem.value = null;
  }

  /** Takes a team that was created or changed. */
  function put(team: Team): void {
    turn++;
    take([...teams.value.filter(({ id }) => id !== team.id), team]);
  }

  /** Forgets a team that was deleted, as other teams do. */
  function drop(gone: string): void {
    turn++;
    take(teams.value.filter(({ id }) => id !== gone).map((team) => (team.overflow === gone ? { ...team, overflow: null } : team)));
  }

  /** Somebody has created teams meanwhile, if one of these is unknown: asks for them, once for each. */
  function learn(ids: Iterable<string>): void {
    if (!loaded.value) return;
    const known = new Set(teams.value.map(({ id }) => id));
    const unknown = [...new Set(ids)].filter((id) => id && !known.has(id) && !sought.has(id));
    if (unknown.length === 0) return;
    for (const id of unknown) sought.add(id);
    void load();
  }

  function clear(): void {
    turn++;
    teams.value = [];
    loaded.value = false;
    problem.value = null;
    sought = new Set();
  }

  const find = (id: string) => teams.value.find((team) => team.id === id);
  const nameOf = (id: string) => find(id)?.name ?? '';

  return { teams, loaded, problem, load, put, drop, learn, clear, find, nameOf };
});
