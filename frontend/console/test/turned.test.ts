// A button that others turn into its opposite means nothing for a moment: whoever presses it then may have aimed at what it was.

import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { computed, ref } from 'vue';
import { Status } from '../../shared/wire/types';
import { useActions } from '../src/conversation/use-actions';
import type { Actions } from '../src/conversation/use-actions';
import type { Facts } from '../src/conversation/use-conversation';
import { useToasts } from '../src/ui/toasts';
import { mounted } from './form';

vi.mock('../src/live/agent-socket', () => ({}));

const status = ref(Status.OPEN);
const muted = ref(false);
const welcomed = ref(true);
let did: string[];
let actions: Actions;

/** The Room tells what is new before it confirms. */
const room = {
  setStatus: async (is: Status): Promise<void> => void did.push(`status ${(status.value = is)}`),
  setMuted: async (is: boolean): Promise<void> => void did.push(`muted ${(muted.value = is)}`),
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('localStorage', { getItem: () => null, setItem() {} });
  [status.value, muted.value, welcomed.value, did] = [Status.OPEN, false, true, []];
  const pinia = createPinia();
  setActivePinia(pinia);
  const facts = { conversation: 'cnv_1', room: ref(room), welcomed, muted, resolved: computed(() => status.value === Status.RESOLVED) } as unknown as Facts;
  mounted({ setup: () => (actions = useActions(facts)) }, pinia);
});
afterEach(() => void vi.useRealTimers());

const said = () => useToasts().toasts.map(({ text }) => text);

describe.each<[string, () => void, () => Promise<boolean>, string, string]>([
  ['Resolve', () => void (status.value = Status.RESOLVED), () => actions.toggleResolved(), `status ${Status.OPEN}`, `status ${Status.RESOLVED}`],
  ['Mute', () => void (muted.value = true), () => actions.toggleMuted(), 'muted false', 'muted true'],
])('%s', (_, byOthers, press, back, forth) => {
  it('right after others have done it undoes nothing, and says so; a moment later it is meant', async () => {
    byOthers();
    vi.advanceTimersByTime(900);
    expect([await press(), did]).toEqual([false, []]);
    expect(said()).toEqual(['This has changed just now, so nothing was done. Press again if you still want to.']);
    vi.advanceTimersByTime(100);
    expect([await press(), did]).toEqual([true, [back]]);
  });

  it('is taken back at once by whoever has pressed it', async () => {
    await press();
    await press();
    expect([did, said()]).toEqual([[forth, back], []]);
  });
});

it('what a conversation is when it opens is nothing that others have just done', async () => {
  welcomed.value = false;
  status.value = Status.RESOLVED;
  welcomed.value = true;
  await actions.toggleResolved();
  expect(did).toEqual([`status ${Status.OPEN}`]);
});
