// What an editor had in it when the session ended is there again for the same agent in the same editor, and nowhere else.

import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { effectScope, ref } from 'vue';
import type { Me } from '../src/api/types';
import { useDrafts } from '../src/conversation/drafts';
import { useBegun } from '../src/ui/begun';

vi.mock('vue-i18n', async (original) => ({ ...(await original<object>()), useI18n: () => ({ t: (key: string) => key }) }));
vi.mock('../src/api/routes', () => ({ session: {} }));
const { useKeptForm } = await import('../src/bot/kept-form');
const { useSession } = await import('../src/session/store');
const { useToasts } = await import('../src/ui/toasts');

const enter = () => useSession().enter({ id: 'agt_a' } as Me);

beforeEach(() => {
  vi.stubGlobal('localStorage', undefined);
  setActivePinia(createPinia());
  enter();
});

/** An editor whose form begins with this. */
function editor(answer: string, name = 'faq.1') {
  const scope = effectScope();
  const form = ref({ answer });
  scope.run(() => useKeptForm(name, form, ({ answer: is }) => ({ answer: is.replace('[file]', '') }))());
  return { form, close: () => scope.stop() };
}

/** One in which this was written when the session ended like this. */
function ended(why: 'expired' | 'signed_out', written = 'Behind the house.') {
  const { form, close } = editor('');
  form.value.answer = written;
  useSession().end(why);
  close();
  enter();
}

const found = (...given: Parameters<typeof editor>) => editor(...given).form.value.answer;

describe('what was begun', () => {
  it('is there again, once, and is said to be', () => {
    ended('expired');
    const { form, close } = editor('');
    expect([form.value.answer, useToasts().toasts.map(({ text }) => text), useBegun().any()]).toEqual(['Behind the house.', ['bot.taken_up'], true]);
    close();
    expect([found(''), useBegun().any()]).toEqual(['', false]);
  });

  it('is not in another editor, and waits for its own', () => {
    ended('expired');
    expect([found('', 'faq.2'), found('Somebody has saved this.'), found('')]).toEqual(['', 'Somebody has saved this.', 'Behind the house.']);
  });

  it('ends with a sign-out, and with the drafts', () => {
    ended('signed_out');
    expect(found('')).toBe('');
    ended('expired');
    useDrafts().clear();
    expect(found('')).toBe('');
  });

  it('ends with its editor while the session lasts', () => {
    const { form, close } = editor('');
    form.value.answer = 'never mind';
    close();
    expect(found('')).toBe('');
  });

  it('is nothing where nothing was written', () => {
    ended('expired', '');
    expect([found(''), useToasts().toasts]).toEqual(['', []]);
  });

  it('asks before it is left, be it written by a button, until it is as it was', () => {
    const { form, close } = editor('');
    const is = [useBegun().any()];
    for (const now of [{ answer: 'As it was in May.' }, { answer: '' }, { answer: 'Look' }]) {
      form.value = now;
      is.push(useBegun().any());
    }
    close();
    expect([...is, useBegun().any()]).toEqual([false, true, false, true, false]);
  });

  it('is nothing where the editor waits for its text', () => {
    const scope = effectScope();
    const form = ref({ answer: '' });
    const begin = scope.run(() => useKeptForm('article.1', form))!;
    form.value = { answer: 'Long' };
    expect(useBegun().any()).toBe(false);
    begin();
    expect(useBegun().any()).toBe(false);
    scope.stop();
  });

  it('leaves out what cannot be kept', () => {
    ended('expired', 'Look: [file]');
    expect(found('')).toBe('Look: ');
  });
});
