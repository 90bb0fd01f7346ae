// Everyone who answers for the workspace, as the settings know them. (Who is here now is the Desk's to say.)

import { defineStore } from 'pinia';
import { ref } from 'vue';
import { asProblem } from '../api/problem';
import type { Problem } from '../api/problem';
import { agents as api } from '../api/routes';
import type { Agent } from '../api/types';

export const useAgents = defineStore('agents', () => {
  const agents = ref<Agent[]>([]);
  const loaded = ref(false);
  const problem = ref<Problem | null>(null);

  async function load(): Promise<void> {
    try {
      agents.value = (await api.list()).agents;
      loaded.value = true;
      problem.value = null;
    } catch (error) {
      problem.value = asProblem(error);
    }
  }

  /** Takes an agent who was invited or changed. */
  function put(agent: Agent): void {
    const known = agents.value.some(({ id }) => id === agent.id);
    agents.value = known ? agents.value.map((one) => (one.id === agent.id ? agent : one)) : [...agents.value, agent];
  }

  function clear(): void {
    agents.value = [];
    loaded.value = false;
    problem.value = null;
  }

  return { agents, loaded, problem, load, put, clear };
});
