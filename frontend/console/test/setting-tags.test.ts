// Deleted tags, which nobody sees, leave room for another one.
import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ref } from 'vue';
import { Problem } from '../src/api/problem';
import { tags as api } from '../src/api/routes';
import { useActions } from '../src/conversation/use-actions';
import type { Facts } from '../src/conversation/use-conversation';
import { useTags } from '../src/settings/tags-store';
import { useToasts } from '../src/ui/toasts';
import { within } from './render';

const OF_CONVERSATION = 20;
const tag = (id: string) => ({ id, name: id, color: '' });
const gone = Array.from({ length: OF_CONVERSATION }, (_, n) => `tag_gone${n}`);
let on: string[];
let asked: string[];
let list = vi.spyOn(api, 'list');

/** A conversation as the Room keeps it. */
const room = {
  async setTag(id: string, is: boolean) {
    asked.push(`${is ? 'on' : 'off'} ${id}`);
    if (is && on.length >= OF_CONVERSATION) throw new Problem('too_large', 400);
    on = is ? [...on, id] : on.filter((one) => one !== id);
  },
};

async function puts(id: string) {
  const facts = { conversation: 'cnv_1', room: ref(room), welcomed: ref(false), get profile() { return ref({ tags: on }); } } as unknown as Facts;
  const pinia = createPinia();
  setActivePinia(pinia);
  const { setTag } = await within(pinia, () => useActions(facts));
  await useTags().load();
  await setTag(id, true);
  return useToasts().toasts.map(({ text }) => text);
}

beforeEach(() => {
  asked = [];
  list = vi.spyOn(api, 'list').mockReset().mockResolvedValue({ tags: [tag('tag_new'), tag('tag_old')] } as never);
});

describe('a tag is put on', () => {
  it('where deleted ones fill the conversation: they make room', async () => {
    on = [...gone.slice(1), 'tag_old'];
    expect(await puts('tag_new')).toEqual([]);
    expect(asked[1]).toBe('off tag_gone1');
    expect(on).toEqual(['tag_old', 'tag_new']);
  });

  it('and takes nothing off where there is room', async () => {
    on = gone.slice(1);
    await puts('tag_new');
    expect(asked).toEqual(['on tag_new']);
    expect(list).toHaveBeenCalledTimes(1);
  });

  it('but not by taking off what somebody has created since the list came', async () => {
    const fresh = gone.map((id) => id.replace('gone', 'fresh'));
    on = fresh;
    list.mockResolvedValueOnce({ tags: [tag('tag_new')] } as never).mockResolvedValue({ tags: ['tag_new', ...fresh].map(tag) } as never);
    expect(await puts('tag_new')).toEqual(['This conversation has as many tags as it can have. Take one off first.']);
    expect(on).toEqual(fresh);
  });

  it.each([
    ['can’t be asked for', () => list.mockRejectedValue(new Problem('network'))],
    ['is empty, or without this tag', () => list.mockResolvedValue({ tags: [] } as never)],
  ])('nor by a list that %s', async (_, make) => {
    on = [...gone];
    list.mockResolvedValueOnce({ tags: [tag('tag_new')] } as never);
    make();
    const told = await puts('tag_new');
    expect([told.length, on]).toEqual([1, gone]);
  });
});
