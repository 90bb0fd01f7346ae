// Whose conversation is given away: that of the assignment that the agent has seen, not of one that came meanwhile.

import { createPinia, setActivePinia } from 'pinia';
import type { Pinia } from 'pinia';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ref } from 'vue';
import { opened } from './form';
import { within } from './render';

const api = vi.hoisted(() => ({ agents: { list: async () => ({ agents: [] }) }, teams: { list: async () => ({ teams: [] }) } }));
vi.mock('../src/api/routes', () => ({ session: {}, conversations: {}, visitors: {}, ...api }));
vi.mock('../src/live/agent-socket', () => ({}));
const { default: TransferDialog } = await import('../src/conversation/TransferDialog.vue');
const { useActions } = await import('../src/conversation/use-actions');
const { useDesk } = await import('../src/live/desk-store');
const { Refused } = await import('../src/live/requests');
const { Problem } = await import('../src/api/problem');

const CHANGED = 'stale_assignment';
const refused = (code: string) => new Refused({ code, message: '', retryable: false, retryAfterMs: 0, clientId: 'a' });
let pinia: Pinia;

beforeEach(() => {
  vi.stubGlobal('localStorage', { getItem: () => null, setItem() {} });
  setActivePinia((pinia = createPinia()));
});

/** The dialog, opened while this assignment stood. */
async function shown(assignmentEpoch: number) {
  const state = ref({ assigneeId: '', assignmentEpoch });
  const facts = { conversation: 'cnv_1', state, row: ref(undefined), welcomed: ref(false) } as never;
  const transfer = vi.spyOn(useDesk(), 'transfer').mockResolvedValue({} as never);
  const { form, isOpen } = await opened(TransferDialog, pinia, { facts, actions: await within(pinia, () => useActions(facts)) });
  form.chosen.value = 'agt_c';
  return {
    transfer, isOpen,
    meant: () => transfer.mock.calls.map(([, epoch]) => epoch),
    claimed: () => (state.value = { assigneeId: 'agt_b', assignmentEpoch: 9 }),
    press: async (): Promise<string> => (await form.transfer(), form.problem.value?.code ?? ''),
  };
}

describe('a transfer', () => {
  it.each([0, 7])('goes with the assignment that stood when it was begun: %i', async (epoch) => {
    const { press, meant, isOpen } = await shown(epoch);
    expect([await press(), meant(), isOpen()]).toEqual(['', [epoch], false]);
  });

  it.each([0, 7])('does not take what somebody has claimed meanwhile, until it is pressed again: %i', async (epoch) => {
    const { press, meant, claimed, isOpen } = await shown(epoch);
    claimed();
    expect([await press(), meant(), isOpen()]).toEqual([CHANGED, [], true]);
    expect([await press(), meant(), isOpen()]).toEqual(['', [9], false]);
  });

  it('is refused by a Desk that knows more, and means what stands then', async () => {
    const { press, meant, claimed, transfer } = await shown(7);
    transfer.mockImplementationOnce(async () => (claimed(), Promise.reject(refused(CHANGED))));
    expect(await press()).toBe(CHANGED);
    await press();
    expect(meant()).toEqual([7, 9]);
  });

  it('says the same to whoever may not move it any more', async () => {
    const { press, transfer } = await shown(0);
    transfer.mockRejectedValueOnce(refused('forbidden'));
    expect(await press()).toBe(CHANGED);
  });

  it('means the same after a failure that says nothing of it', async () => {
    const { press, claimed, transfer, meant } = await shown(7);
    transfer.mockImplementationOnce(async () => (claimed(), Promise.reject(new Problem('network'))));
    expect([await press(), await press(), meant()]).toEqual(['network', CHANGED, [7]]);
  });
});
