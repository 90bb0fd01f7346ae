import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it } from 'vitest';
import { effectScope } from 'vue';
import { Problem } from '../src/api/problem';
import type { Me } from '../src/api/types';
import { useSession } from '../src/session/store';
import { loadNow, useLoaded } from '../src/session/use-loaded';
import type { IsLate } from '../src/session/use-loaded';

/** One that is asked, and each answer of which is given by hand. */
function asked() {
  const questions: { isLate: IsLate; answer: (value: string) => void; refuse: (error: unknown) => void; }[] = [];
  const taken: (string | undefined)[] = [];
  const scope = effectScope();
  const it = scope.run(() => useLoaded<string>((isLate) => new Promise((answer, refuse) => questions.push({ isLate, answer, refuse })), (found) => taken.push(found)))!;
  const state = () => ({ loaded: it.loaded.value, problem: it.problem.value?.code });
  return { ...it, questions, taken, state, scope };
}

beforeEach(() => {
  setActivePinia(createPinia());
  useSession().enter({ id: 'agt_1' } as Me);
});

describe('what is asked of the server', () => {
  it('is loaded once an answer is there; a refusal is kept until the next', async () => {
    const { load, questions, taken, state } = asked();
    expect(state()).toEqual({ loaded: false, problem: undefined });
    const refused = load();
    questions[0]!.refuse(new Problem('network'));
    await refused;
    expect(state()).toEqual({ loaded: false, problem: 'network' });
    const done = load();
    questions[1]!.answer('a');
    await done;
    expect([state(), taken]).toEqual([{ loaded: true, problem: undefined }, ['a']]);
  });

  it('asked for again in the background, keeps what is there where it fails', async () => {
    const { load, refresh, questions, taken, state } = asked();
    const first = refresh();
    questions[0]!.refuse(new Problem('network'));
    await first;
    expect(state()).toEqual({ loaded: false, problem: 'network' });
    const done = load();
    questions[1]!.answer('a');
    await done;
    const again = [refresh(), refresh()];
    questions[2]!.answer('overtaken');
    questions[3]!.refuse(new Problem('network'));
    await Promise.all(again);
    expect([state(), taken]).toEqual([{ loaded: true, problem: undefined }, ['a']]);
  });

  it('is the last that was asked for, in whichever order the answers and refusals come', async () => {
    const { load, questions, taken, state } = asked();
    const all = [load(), load(), load()];
    expect(questions.map(({ isLate }) => isLate())).toEqual([true, true, false]);
    questions[2]!.answer('c');
    questions[0]!.answer('a');
    questions[1]!.refuse(new Error('late'));
    await Promise.all(all);
    expect([state(), taken]).toEqual([{ loaded: true, problem: undefined }, ['c']]);
  });

  it('is asked for until it stands: what overtook it is no failure, and what failed before is none', async () => {
    const { load, problem, overtake, questions } = asked();
    const store = { load, get problem() { return problem.value; } };
    const refused = load();
    questions[0]!.refuse(new Problem('network'));
    await refused;
    const after = loadNow(store);
    questions[1]!.answer('a');
    await after;
    const overtaken = loadNow(store);
    overtake();
    questions[2]!.answer('b');
    await expect.poll(() => questions.length).toBe(4);
    questions[3]!.refuse(new Problem('not_found', 404));
    await expect(overtaken).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is not taken any more when something is known that it can’t know', async () => {
    const { load, overtake, questions, taken } = asked();
    const late = load();
    const isLate = overtake();
    questions[0]!.answer('old');
    await late;
    expect([taken, isLate()]).toEqual([[], false]);
    overtake();
    expect(isLate()).toBe(true);
  });

  it('is forgotten at once with the session, and what was under way for it is dropped', async () => {
    const { load, questions, taken, state, scope } = asked();
    const first = load();
    questions[0]!.answer('a');
    await first;
    const [second, third] = [load(), load()];
    useSession().end('signed_out');
    expect([state(), taken]).toEqual([{ loaded: false, problem: undefined }, ['a', undefined]]);
    useSession().enter({ id: 'agt_2' } as Me);
    questions[1]!.answer('of the first');
    questions[2]!.refuse(new Problem('unauthorized', 401));
    await Promise.all([second, third]);
    expect([state(), taken]).toEqual([{ loaded: false, problem: undefined }, ['a', undefined, undefined]]);
    scope.stop();
    useSession().end('expired');
    expect(taken).toHaveLength(3);
  });
});
