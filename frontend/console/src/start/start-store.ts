// What is left to do before the first visitor is answered, asked of the server and never stored. Only owners and
// administrators are led, and only until everything is done or they have put the list away.

import { defineStore } from 'pinia';
import { computed, ref, watch } from 'vue';
import { asProblem } from '../api/problem';
import type { Problem } from '../api/problem';
import { conversations as api } from '../api/routes';
import { useHours } from '../hours/hours-store';
import { usePreferences } from '../session/preferences';
import { useSession } from '../session/store';
import { useAgents } from '../settings/agents-store';
import { useSites } from '../settings/sites-store';
import { useTeams } from '../settings/teams-store';
import { isAnswered, stepsOf } from './steps';

/** So many of the newest conversations are looked at for an answer. */
const NEWEST = 50;

export const useStart = defineStore('start', () => {
  const session = useSession();
  const preferences = usePreferences();
  const sites = useSites();
  const agents = useAgents();
  const teams = useTeams();
  const hours = useHours();
  /** Stays: a visitor who writes again does not undo it. */
  const answered = ref(false);
  /** Nobody has ever written. */
  const isNew = ref(false);
  const asked = ref(false);
  const ownProblem = ref<Problem | null>(null);

  const manages = computed(() => session.me !== null && session.me.role !== 'agent');
  const known = computed(() => asked.value && sites.loaded && agents.loaded && teams.loaded && hours.loaded);
  const problem = computed(() => ownProblem.value ?? sites.problem ?? agents.problem ?? teams.problem ?? hours.problem);
  const steps = computed(() =>
    stepsOf({ sites: sites.sites, agents: agents.agents, teams: teams.teams, hours: hours.hours, answered: answered.value }),
  );
  const done = computed(() => steps.value.filter((step) => step.done).length);
  const complete = computed(() => known.value && done.value === steps.value.length);
  /** Somebody is to be led. */
  const due = computed(() => manages.value && known.value && !preferences.startGone && !complete.value);

  // Whoever has everything is not asked about it at every sign-in.
  watch(complete, (is) => {
    if (is) preferences.startGone = true;
  });

  /** Another one after each `clear`: what was asked for before belongs to an agent who has signed out. */
  let life = 0;

  async function ask(): Promise<void> {
    const begun = life;
    try {
      if (!answered.value) {
        const { conversations } = await api.list({ limit: NEWEST });
        if (begun !== life) return;
        answered.value = isAnswered(conversations);
        isNew.value = conversations.length === 0;
      }
      asked.value = true;
      ownProblem.value = null;
    } catch (error) {
      if (begun === life) ownProblem.value = asProblem(error);
    }
  }

  let loading: Promise<void> | undefined;

  /** Asks for everything. */
  function load(): Promise<void> {
    const begun = life;
    const all = () => Promise.all([sites.load(), agents.load(), teams.load(), hours.load(), ask()]);
    loading ??= all().then(() => {
      if (begun === life) loading = undefined;
    });
    return loading;
  }

  /** Asks again for what visitors change. */
  async function look(): Promise<void> {
    await Promise.all([sites.load(), ask()]);
  }

  function clear(): void {
    life++;
    // What is under way is not what the next one waits for.
    loading = undefined;
    answered.value = isNew.value = false;
    asked.value = false;
    ownProblem.value = null;
  }

  return { steps, done, known, problem, complete, due, isNew, manages, load, look, clear };
});
