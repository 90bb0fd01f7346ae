// Everyone who answers for the workspace, as the settings know them. (Who is here now is the Desk's to say.)

import { defineStore } from 'pinia';
import { ref } from 'vue';
import { agents as api } from '../api/routes';
import type { Agent } from '../api/types';
import { useLoaded } from '../session/use-loaded';
import { learnPicture } from '../ui/pictures';

export const useAgents = defineStore('agents', () => {
  const agents = ref<Agent[]>([]);
  const { loaded, problem, load, overtake } = useLoaded(api.list, (found) => {
    agents.value = found?.agents ?? [];
    for (const { id, picture } of agents.value) learnPicture(id, picture);
  });

  /** Takes an agent who was invited or changed. */
  function put(agent: Agent): void {
    overtake();
    learnPicture(agent.id, agent.picture);
    const known = agents.value.some(({ id }) => id === agent.id);
    agents.value = known ? agents.value.map((one) => (one.id === agent.id ? agent : one)) : [...agents.value, agent];
  }

  return { agents, loaded, problem, load, put };
});
