// What the editor of an intent does when it saves and the former picture is to be deleted.

import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { reactive } from 'vue';
import type { SetupContext } from 'vue';
import { Problem } from '../src/api/problem';
import type { Intent, IntentDraft } from '../src/api/types';
import type { IntentForm } from '../src/bot/intent-draft';
import { useToasts } from '../src/ui/toasts';
import { within } from './render';

const HASH = '0f'.repeat(16);
const first: Intent = { id: 'map', title: { en: 'Map', zh: '' }, answer: { en: 'Here', zh: '' }, picture: { en: `${HASH}-640x480 A map`, zh: '' }, does: 'answer', buttons: [], examples: [], library: true, updated_at: '1' };

/** The server's one intent. */
let stored: Intent;
const remove = vi.fn<(hash: string) => Promise<void>>();
const put = async (id: string, { picture: _, ...draft }: IntentDraft, begun: string): Promise<Intent> => {
  if (begun !== stored.updated_at) throw new Problem('conflict', 409, '', 'updated_at');
  stored = { ...draft, id, updated_at: `${begun}+` };
  return stored;
};
/** What the server has that an intent may name. */
const there: Record<string, object[]> = {};
const lists = (name: string) => ({ list: async () => ({ [name]: there[name] ?? [] }) });

vi.mock('../src/api/routes', () => ({
  articles: lists('articles'),
  bot: { get: async () => ({}) },
  intents: { list: async () => ({ intents: [stored] }), put },
  pictures: { remove },
  session: {},
  tags: lists('tags'),
  teams: lists('teams'),
}));
const { default: IntentEditor } = await import('../src/bot/IntentEditor.vue');
const { useArticles } = await import('../src/bot/article-store');
const { useTags } = await import('../src/settings/tags-store');
const { useTeams } = await import('../src/settings/teams-store');

interface Editor {
  form: { value: IntentForm; };
  forgets: { value: boolean; };
  gone: { value: string[]; };
  newer: { value: Intent | null; };
  problem: { value: Problem | null; };
  save: () => Promise<void>;
  takeNewer: () => void;
}

/** It is open, its picture is taken off and is to be deleted. */
async function opened(pinia = createPinia()): Promise<Editor & { closed: () => boolean; }> {
  setActivePinia(pinia);
  const emit = vi.fn();
  const { setup } = IntentEditor as unknown as { setup: (props: object, context: Partial<SetupContext>) => Editor; };
  const editor = await within(pinia, () => setup(reactive({ intent: stored }), { emit, expose: () => {} }));
  editor.form.value.picture = null;
  editor.forgets.value = true;
  return Object.assign(editor, { closed: () => emit.mock.calls.some(([event]) => event === 'close') });
}

/** Whatever was asked has been answered. */
const settled = () => new Promise((resolve) => setTimeout(resolve));
const toasts = () => useToasts().toasts.map(({ text }) => text);

beforeEach(() => {
  stored = first;
  for (const name of Object.keys(there)) delete there[name];
  remove.mockReset().mockResolvedValue();
});

describe('a former picture that is to be deleted', () => {
  it.each([
    ['is', null, ['Saved.']],
    ['was by somebody else', 'not_found', ['Saved.']],
    ['stays where another answer shows it, and whoever deletes is told', 'conflict', ['Saved.', 'The picture is not deleted: another answer still shows it.']],
  ])('%s', async (_, code, told) => {
    if (code) remove.mockRejectedValue(new Problem(code, 400));
    const editor = await opened();
    await editor.save();
    expect([remove.mock.calls, editor.closed(), toasts()]).toEqual([[[HASH]], true, told]);
  });

  it('is tried again with what was written since, which writes over nobody’s', async () => {
    remove.mockRejectedValueOnce(new Problem('unreachable', 0));
    const editor = await opened();
    await editor.save();
    expect([editor.problem.value?.code, editor.closed(), toasts()]).toEqual(['unreachable', false, []]);
    editor.form.value.answer.en = 'There';
    await editor.save();
    expect([editor.newer.value, stored.answer.en, remove.mock.calls.length, editor.closed()]).toEqual([null, 'There', 2, true]);
  });

  it('is not that of a version which somebody else has saved', async () => {
    const editor = await opened();
    const picture = { en: `${'1e'.repeat(16)}-1x1`, zh: '' };
    stored = { ...first, picture, updated_at: '2' };
    await editor.save();
    editor.takeNewer();
    editor.form.value.picture = null;
    expect([editor.gone.value, editor.forgets.value]).toEqual([['1e'.repeat(16)], false]);
  });
});

describe('what an intent names', () => {
  const names = { tags: ['tag_new'], article: 'art_new', handoff_team: 'team_new' };
  const made = () => Object.assign(there, { tags: [{ id: 'tag_new', name: 'New', color: '' }], articles: [{ id: 'art_new', title: { en: 'New', zh: '' }, published: true, updated_at: '1' }], teams: [{ id: 'team_new', name: 'New' }] });
  const kept = () => ({ tags: stored.tags ?? [], article: stored.article ?? '', handoff_team: stored.handoff_team ?? '' });

  /** The lists were read before there was any of them. */
  async function early() {
    const pinia = createPinia();
    setActivePinia(pinia);
    await within(pinia, () => Promise.all([useArticles(), useTags(), useTeams()].map((store) => store.load())));
    return pinia;
  }

  it('stays, though it is newer than the lists that were read', async () => {
    const pinia = await early();
    made();
    stored = { ...first, ...names };
    const editor = await opened(pinia);
    await settled();
    await editor.save();
    expect([editor.closed(), kept()]).toEqual([true, names]);
  });

  it('stays where somebody else’s version is taken', async () => {
    const editor = await opened(await early());
    await settled();
    made();
    stored = { ...first, ...names, updated_at: '2' };
    await editor.save();
    editor.takeNewer();
    await settled();
    await editor.save();
    expect([editor.closed(), kept()]).toEqual([true, names]);
  });

  it('goes with what is gone', async () => {
    stored = { ...first, ...names };
    const editor = await opened();
    await settled();
    await editor.save();
    expect(kept()).toEqual({ tags: [], article: '', handoff_team: '' });
  });

  it('stays where the lists can’t be read', async () => {
    const pinia = await early();
    for (const name of ['tags', 'articles', 'teams']) Object.defineProperty(there, name, { configurable: true, get: () => { throw new Problem('network'); } });
    stored = { ...first, ...names };
    const editor = await opened(pinia);
    await settled();
    await editor.save();
    expect(kept()).toEqual(names);
  });
});
