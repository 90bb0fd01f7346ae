// What is begun holds whoever would lead away from it, and nothing else does.

import { createPinia, setActivePinia, type Pinia } from 'pinia';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { effectScope, type EffectScope } from 'vue';
import { createMemoryHistory, createRouter, type Router } from 'vue-router';
import type { Me } from '../src/api/types';
import { mounted } from './form';

vi.mock('../src/api/routes', () => ({ agents: {}, session: {} }));
const { default: ProfilePage } = await import('../src/settings/ProfilePage.vue');
const { useSession } = await import('../src/session/store');
const { useLeaveGuard } = await import('../src/shell/use-leave-guard');
const { useBegun } = await import('../src/ui/begun');

const page = { render: () => null };
const listeners = new Set<(event: Event) => void>();
let pinia: Pinia;
let router: Router;
let shell: EffectScope;
let editor: EffectScope;
let isWritten = false;

beforeEach(async () => {
  listeners.clear();
  vi.stubGlobal('window', {
    addEventListener: (_: string, one: (event: Event) => void) => listeners.add(one),
    removeEventListener: (_: string, one: (event: Event) => void) => listeners.delete(one),
  });
  vi.stubGlobal('localStorage', undefined);
  setActivePinia((pinia = createPinia()));
  useSession().enter({ id: 'agt_a' } as Me);
  router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:page', component: page }] });
  await router.push('/faq');
  shell = effectScope();
  shell.run(() => useLeaveGuard(router));
  isWritten = true;
  editor = effectScope();
  editor.run(() => useBegun().hold(() => isWritten));
});

const at = () => router.currentRoute.value.path;
const isAsked = () => vi.waitFor(() => expect(useBegun().asks).toBe(true));
const isHeld = () => {
  const event = new Event('beforeunload', { cancelable: true });
  for (const one of listeners) one(event);
  return event.defaultPrevented;
};

describe('what is begun', () => {
  it.each([[false, '/faq'], [true, '/inbox']])('asks before it is left, and goes by the answer: %s', async (leaves, wanted) => {
    const left = router.push('/inbox');
    await isAsked();
    expect(at()).toBe('/faq');
    useBegun().settle(leaves);
    await left;
    expect([at(), useBegun().asks]).toEqual([wanted, false]);
  });

  it('asks once more where the next way leads elsewhere, and forgets the former', async () => {
    const first = router.push('/inbox');
    await isAsked();
    const second = router.push('/board');
    await first;
    await isAsked();
    useBegun().settle(true);
    await second;
    expect(at()).toBe('/board');
  });

  it.each([false, true])('asks before the sessions everywhere are ended, and goes by the answer: %s', async (leaves) => {
    const form = mounted(ProfilePage, pinia);
    const led = form.toEverywhere();
    await isAsked();
    expect(form.everywhereOpen.value).toBe(false);
    useBegun().settle(leaves);
    await led;
    expect(form.everywhereOpen.value).toBe(leaves);
  });

  it('asks nothing where the page stays', async () => {
    await router.push('/faq?show=all');
    expect([useBegun().asks, router.currentRoute.value.query]).toEqual([false, { show: 'all' }]);
  });

  it.each([
    ['it is saved', () => void (isWritten = false)],
    ['its editor is closed', () => editor.stop()],
    ['the session has ended', () => useSession().end('expired')],
    ['nobody guards it any more', () => shell.stop()],
  ])('asks nothing once %s', async (_, happens) => {
    happens();
    await router.push('/inbox');
    expect([at(), useBegun().asks]).toEqual(['/inbox', false]);
  });

  it('holds the tab until it is saved, or the shell is gone', () => {
    expect(isHeld()).toBe(true);
    isWritten = false;
    expect(isHeld()).toBe(false);
    isWritten = true;
    shell.stop();
    expect(isHeld()).toBe(false);
  });

  it('leaves no question open when the session ends over it', async () => {
    const left = useBegun().mayLeave();
    shell.stop();
    expect([await left, useBegun().asks]).toEqual([false, false]);
  });
});
