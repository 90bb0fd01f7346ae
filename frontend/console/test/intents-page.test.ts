// What the list of intents does when one is deleted, with its picture or without.

import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { reactive } from 'vue';
import type { SetupContext } from 'vue';
import { Problem } from '../src/api/problem';
import type { Intent } from '../src/api/types';
import { useToasts } from '../src/ui/toasts';
import { within } from './render';

const HASH = '0f'.repeat(16);
const map: Intent = { id: 'map', title: { en: 'Map', zh: '' }, answer: { en: 'Here', zh: '' }, picture: { en: `${HASH}-640x480 A map`, zh: '' }, does: 'answer', buttons: [], examples: [], library: true, updated_at: '1' };

const remove = vi.fn<(id: string) => Promise<void>>();
const removePicture = vi.fn<(hash: string) => Promise<void>>();

vi.mock('../src/api/routes', () => ({
  articles: {},
  bot: { get: async () => ({}) },
  intents: { remove },
  pictures: { remove: removePicture },
  session: {},
}));
const { useBot } = await import('../src/bot/bot-store');
const { default: IntentsPage } = await import('../src/bot/IntentsPage.vue');

interface Page {
  askDelete: (intent: Intent) => void;
  pictures: { value: string[]; };
  withPictures: { value: boolean; };
  remove: () => Promise<void>;
}

/** The page, which asks whether the map is to be deleted. */
async function asked(): Promise<Page> {
  const pinia = createPinia();
  setActivePinia(pinia);
  useBot().put(map);
  const { setup } = IntentsPage as unknown as { setup: (props: object, context: Partial<SetupContext>) => Page; };
  const page = await within(pinia, () => setup(reactive({}), { emit: () => {}, expose: () => {} }));
  page.askDelete(map);
  return page;
}

const toasts = () => useToasts().toasts.map(({ text }) => text.replace(/[\u2068\u2069]/gu, ''));

beforeEach(() => {
  remove.mockReset().mockResolvedValue();
  removePicture.mockReset().mockResolvedValue();
});

describe('an intent that is deleted', () => {
  it('leaves its picture to past conversations', async () => {
    const page = await asked();
    await page.remove();
    expect([page.pictures.value, removePicture.mock.calls, toasts()]).toEqual([[HASH], [], ['“Map” is deleted.']]);
  });

  it('takes its picture with it where that is asked for, once it is gone itself', async () => {
    const page = await asked();
    page.withPictures.value = true;
    await page.remove();
    expect([remove.mock.calls, removePicture.mock.calls, useBot().find('map'), toasts()]).toEqual([[['map']], [[HASH]], undefined, ['“Map” is deleted.']]);
    expect(remove.mock.invocationCallOrder[0]).toBeLessThan(removePicture.mock.invocationCallOrder[0] ?? 0);
  });

  it('says which picture stays', async () => {
    removePicture.mockRejectedValue(new Problem('conflict', 409));
    const page = await asked();
    page.withPictures.value = true;
    await page.remove();
    expect(toasts()).toEqual(['“Map” is deleted.', 'The picture is not deleted: another answer still shows it.']);
  });

  it('is not deleted a second time where its picture is', async () => {
    removePicture.mockRejectedValueOnce(new Problem('unreachable', 0));
    const page = await asked();
    page.withPictures.value = true;
    await expect(page.remove()).rejects.toMatchObject({ code: 'unreachable' });
    await page.remove();
    expect([remove.mock.calls.length, removePicture.mock.calls.length, toasts()]).toEqual([1, 2, ['“Map” is deleted.']]);
  });

  it('is asked anew each time', async () => {
    const page = await asked();
    page.withPictures.value = true;
    page.askDelete(map);
    expect(page.withPictures.value).toBe(false);
  });
});
