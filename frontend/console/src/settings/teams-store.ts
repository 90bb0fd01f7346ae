// The workspace's teams: the settings change them, the inbox names them and shows their queues.

import { defineStore } from 'pinia';
import { ref } from 'vue';
import { asProblem } from '../api/problem';
import { teams as api } from '../api/routes';
import type { Team } from '../api/types';
import { useLoaded } from '../session/use-loaded';
import { useNewcomers } from './newcomers';

/** A server that is older than this console has no teams. */
async function all(): Promise<Team[]> {
  try {
    return (await api.list()).teams;
  } catch (error) {
    if (asProblem(error).code === 'not_found') return [];
    throw error;
  }
}

export const useTeams = defineStore('teams', () => {
  const teams = ref<Team[]>([]);
  const { loaded, problem, load, refresh, overtake } = useLoaded(all, (found) => {
    take(found ?? []);
    if (!found) forget();
  });
  const { learn, forget } = useNewcomers({ loaded, refresh }, () => teams.value);

  function take(found: Team[]): void {
    teams.value = [...found].sort((a, b) => a.name.localeCompare(b.name));
  }

  /** Takes a team that was created or changed. */
  function put(team: Team): void {
    overtake();
    take([...teams.value.filter(({ id }) => id !== team.id), team]);
  }

  /** Forgets a team that was deleted, as other teams do. */
  function drop(gone: string): void {
    overtake();
    take(teams.value.filter(({ id }) => id !== gone).map((team) => (team.overflow === gone ? { ...team, overflow: null } : team)));
  }

  const find = (id: string) => teams.value.find((team) => team.id === id);
  const nameOf = (id: string) => find(id)?.name ?? '';

  return { teams, loaded, problem, load, refresh, put, drop, learn, find, nameOf };
});
