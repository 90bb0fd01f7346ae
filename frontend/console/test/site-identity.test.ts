// The secret that a site signs with: a colleague may have made one, and put it to use, since it was looked at.

import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, expect, it, vi } from 'vitest';
import { Problem } from '../src/api/problem';
import type { Site, SiteIdentity as Identity } from '../src/api/types';
import { mounted } from './form';

const api = vi.hoisted(() => ({ sites: { identity: vi.fn(), changeIdentity: vi.fn() }, session: {} }));
vi.mock('../src/api/routes', () => api);
const { default: SiteIdentity } = await import('../src/settings/SiteIdentity.vue');

const none: Identity = { secret: null, enforced: false };
const theirs: Identity = { secret: 'theirs', enforced: true };

/** The panel as it has loaded. */
async function panel(stands: Identity) {
  api.sites.identity.mockResolvedValue(stands);
  const form = mounted(SiteIdentity, createPinia(), () => ({ site: { id: 'site_1', name: 'Shop' } as Site }));
  await vi.waitFor(() => expect(form.identity.value).toEqual(stands));
  return form;
}

beforeEach(() => {
  setActivePinia(createPinia());
  api.sites.changeIdentity.mockReset();
});

it('the first one is made where there is none still', async () => {
  const form = await panel(none);
  api.sites.changeIdentity.mockResolvedValue({ secret: 'mine', enforced: true });
  await form.make();
  expect(api.sites.changeIdentity.mock.calls).toEqual([['site_1', { new_secret: true, secret_before: null }]]);
  expect([form.identity.value.secret, form.isShown.value]).toEqual(['mine', true]);
});

it('a colleague’s is shown, covered, and only who asks for it gets another one', async () => {
  const form = await panel(none);
  const overtaken = new Problem('conflict', 409, '', 'secret');
  api.sites.changeIdentity.mockRejectedValueOnce(overtaken).mockResolvedValue({ secret: 'another', enforced: true });
  api.sites.identity.mockResolvedValue(theirs);
  await form.make();
  expect([form.identity.value, form.enforced.value, form.isShown.value, form.problem.value]).toEqual([theirs, true, false, overtaken]);
  await form.makeAnother();
  expect(api.sites.changeIdentity.mock.calls.at(-1)).toEqual(['site_1', { new_secret: true, secret_before: 'theirs' }]);
});

it('nor does a deliberate renewal replace one that was not seen', async () => {
  const form = await panel({ secret: 'old', enforced: true });
  api.sites.changeIdentity.mockRejectedValueOnce(new Problem('conflict', 409, '', 'secret'));
  api.sites.identity.mockResolvedValue(theirs);
  await expect(form.makeAnother()).rejects.toThrow();
  expect([form.identity.value, form.isShown.value]).toEqual([theirs, false]);
});
