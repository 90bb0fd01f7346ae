// What the page "On and off" has in its fields. What was saved elsewhere is taken over, field by field; what is written here stays
// however often the same is loaded again, and so does what is written while this is being saved.

import { ref, watch, type Ref } from 'vue';
import type { Bot, Ceilings } from '../api/types';
import { changesOf } from '../settings/changes';
import { useBegun } from '../ui/begun';
import { useBot } from './bot-store';
import { draftOf } from './responder';

/** As a field has it; empty while it is being written. */
export type CeilingsDraft = Record<keyof Ceilings, number | ''>;

export function useGeneralForm() {
  const bot = useBot();
  const enabled = ref(false);
  const team = ref('');
  const responder = ref(draftOf(undefined));
  const ceilings = ref({}) as Ref<CeilingsDraft>;

  const fields: { field: Ref<unknown>; saved: () => unknown; }[] = [
    { field: enabled, saved: () => bot.bot?.enabled ?? false },
    { field: team, saved: () => bot.bot?.handoff_team ?? '' },
    { field: responder, saved: () => draftOf(bot.bot?.responder) },
    { field: ceilings, saved: () => ({ ...bot.bot?.ceilings }) },
  ];
  /** What is on its way to the server. */
  let sent: Map<Ref<unknown>, string> | null = null;
  const isNewer = (field: Ref<unknown>) => sent !== null && sent.get(field) !== JSON.stringify(field.value);

  for (const { field, saved } of fields) {
    watch(() => JSON.stringify(saved()), () => {
      if (!isNewer(field)) field.value = saved();
    }, { immediate: true, flush: 'sync' });
  }

  useBegun().hold(() => fields.some(({ field, saved }) => JSON.stringify(field.value) !== JSON.stringify(saved())));

  /** Takes what the server says of what was sent. */
  async function saving(send: () => Promise<Bot>): Promise<void> {
    const { key } = responder.value;
    sent = new Map(fields.map(({ field }) => [field, JSON.stringify(field.value)]));
    try {
      bot.bot = await send();
      // A key that was saved changes nothing that is shown of it.
      for (const { field, saved } of fields) if (!isNewer(field)) field.value = saved();
      if (responder.value.key === key) responder.value.key = '';
    } finally {
      sent = null;
    }
  }

  return { enabled, team, responder, ceilings, saving };
}

/** Those that are another number than before. */
export function changedCeilings(draft: CeilingsDraft, old: Ceilings | undefined): { ceilings?: Partial<Ceilings>; } {
  const changed = Object.entries(draft).filter(([name, value]) => value !== '' && value !== old?.[name as keyof Ceilings]);
  return changed.length ? { ceilings: Object.fromEntries(changed) } : {};
}

/** The switch and the team, where they are others than before; a colleague may have changed the one meanwhile. */
export function changedSwitch(enabled: boolean, team: string, old: Bot | null): Partial<Pick<Bot, 'enabled' | 'handoff_team'>> {
  return changesOf({ enabled, handoff_team: team || null }, { enabled: old?.enabled ?? false, handoff_team: old?.handoff_team ?? null });
}
