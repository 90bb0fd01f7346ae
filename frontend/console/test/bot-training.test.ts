import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { nextTick } from 'vue';
import { Problem } from '../src/api/problem';
import type { Intent, Me } from '../src/api/types';
import type { Learned, Trainer, Verdict } from '../src/bot/trainer';
import { bot, model } from './bot-fixture';

const api = vi.hoisted(() => ({ get: vi.fn(), addModel: vi.fn(), modelFile: vi.fn() }));
const intents = vi.hoisted(() => ({ list: vi.fn() }));
const faq = vi.hoisted(() => ({ list: vi.fn() }));
const fake = vi.hoisted(() => ({ learn: vi.fn(), judge: vi.fn(), close: vi.fn() }));
const opened = vi.hoisted(() => vi.fn());
vi.mock('../src/api/routes', () => ({ bot: api, intents, faq, session: {} }));
vi.mock('../src/bot/library', () => ({ wholeLibrary: () => Promise.resolve([]) }));
const kept = vi.hoisted(() => ({ keepLessons: vi.fn(), lessonsOf: vi.fn() }));
vi.mock('../src/bot/kept-lessons', () => kept);
vi.mock('../src/bot/trainer', () => ({ openTrainer: opened }));
const { useBot } = await import('../src/bot/bot-store');
const { useFaq } = await import('../src/bot/faq-store');
const { useTraining } = await import('../src/bot/training-store');
const { useSession } = await import('../src/session/store');

const hours: Intent = { id: 'hours', title: { en: 'Hours', zh: '' }, answer: { en: '9 to 5', zh: '' }, does: 'answer', buttons: [], examples: ['when'], library: true, updated_at: '' };
/** Of an intent so much is kept: not what it calls. */
const taught = [{ id: hours.id, title: hours.title, examples: hours.examples, library: hours.library }];
const learnt: Learned = { model: new Uint8Array([1, 2]), intents: ['hours'], accuracy: 91.23456, examples: 2, judged: [], thresholds: [], usual: 3 };
const verdict: Verdict = { band: 'answer', top: [], words: [], does: 'answer', text: '9 to 5', choices: [], reason: '', form: null, faq: '', image: '' };
const said = { text: 'when', choice: '', locale: 'en', asked: 0, form: null };
const abort = () => Object.assign(new Error('closed'), { name: 'AbortError' });

beforeEach(() => {
  setActivePinia(createPinia());
  for (const mock of [...Object.values(api), ...Object.values(intents), ...Object.values(kept), faq.list, ...Object.values(fake), opened]) mock.mockReset();
  opened.mockReturnValue(fake satisfies Trainer);
  intents.list.mockResolvedValue({ intents: [hours], revision: 17 });
  faq.list.mockResolvedValue({ faq: [] });
  api.get.mockResolvedValue(bot());
  api.addModel.mockResolvedValue(model(4));
  fake.learn.mockResolvedValue(learnt);
  fake.judge.mockResolvedValue(verdict);
  api.modelFile.mockResolvedValue(new Uint8Array([9]));
  kept.lessonsOf.mockResolvedValue(null);
  useSession().enter({ id: 'agt_1' } as Me);
});

describe('a training', () => {
  it('learns what is there now, uploads it with its revision, and keeps what it found', async () => {
    const training = useTraining();
    training.look(true);
    const seen: unknown[] = [];
    fake.learn.mockImplementation((_, onProgress: (done: number, of: number) => void) => {
      onProgress(1, 4);
      seen.push(training.stage, training.progress);
      return Promise.resolve(learnt);
    });
    expect(await training.train()).toEqual(model(4));
    expect(seen).toEqual(['learning', 0.25]);
    expect(fake.learn.mock.calls[0]?.[0]).toEqual({ intents: [{ id: 'hours', titles: ['Hours'], examples: ['when'], library: [] }], background: [] });
    expect(api.addModel).toHaveBeenCalledWith(learnt.model, { examples: 2, accuracy: 91.2, revision: 17 });
    expect(training).toMatchObject({ stage: null, problem: null, learned: { version: 4, taught } });
    expect(useBot().loaded).toBe(true);
    expect(fake.close).not.toHaveBeenCalled();
  });

  it.each([
    ['the core’s code', Object.assign(new Error('x'), { code: 'bot_corpus_empty' }), 'bot_corpus_empty'],
    ['the server’s code', new Problem('bot_model_invalid', 400), 'bot_model_invalid'],
    ['a code of its own else', new TypeError('x'), 'bot_trainer_failed'],
  ])('that fails has %s, and may be tried again', async (_, error, code) => {
    const training = useTraining();
    fake.learn.mockRejectedValueOnce(error);
    expect(await training.train()).toBeNull();
    expect(training).toMatchObject({ stage: null, problem: { code }, learned: null });
    expect(await training.train()).not.toBeNull();
    expect(training.problem).toBeNull();
  });

  it('runs once at a time, and goes on while its page is left', async () => {
    const training = useTraining();
    training.look(true);
    const first = training.train();
    expect(await training.train()).toBeNull();
    training.look(false);
    expect(await first).not.toBeNull();
    expect(fake.learn).toHaveBeenCalledTimes(1);
    expect(fake.close).toHaveBeenCalledTimes(1);
  });

  it('ends with its session, and leaves nothing to the next', async () => {
    const training = useTraining();
    training.look(true);
    await training.train();
    let refuse = (_: Error) => {};
    fake.learn.mockReturnValueOnce(new Promise((_, reject) => (refuse = reject)));
    fake.close.mockImplementation(() => refuse(abort()));
    const under = training.train();
    await vi.waitFor(() => expect(training.stage).toBe('learning'));
    useSession().end('expired');
    await nextTick();
    expect(await under).toBeNull();
    expect(training).toMatchObject({ stage: null, problem: null, learned: null });
    expect(useBot()).toMatchObject({ bot: null, intents: [], loaded: false });
    expect(api.addModel).toHaveBeenCalledTimes(1);
  });
});

describe('what a training has found', () => {
  const { model: _, ...found } = learnt;

  it('is kept by the model’s hash, without the model', async () => {
    await useTraining().train();
    expect(kept.keepLessons).toHaveBeenCalledWith({ ...found, version: 4, hash: 'hash 4', taught });
  });

  it('is there again after a reload, for the version that is in use then', async () => {
    const before = { ...found, hash: 'hash 2', taught: [hours] };
    kept.lessonsOf.mockImplementation((hash: string) => Promise.resolve(hash === 'hash 2' ? before : null));
    const training = useTraining();
    api.get.mockResolvedValue(bot({ model: model(3) }));
    await useBot().load();
    await vi.waitFor(() => expect(kept.lessonsOf).toHaveBeenCalledWith('hash 3'));
    expect(training.learned).toBeNull();
    api.get.mockResolvedValue(bot({ model: model(2) }));
    await useBot().load();
    await vi.waitFor(() => expect(training.learned).toEqual({ ...before, version: 2 }));
  });

  it('is not what was in use when it was asked for', async () => {
    let give = (_: unknown) => {};
    kept.lessonsOf.mockReturnValueOnce(new Promise((resolve) => (give = resolve)));
    const training = useTraining();
    api.get.mockResolvedValue(bot({ model: model(3) }));
    await useBot().load();
    await vi.waitFor(() => expect(kept.lessonsOf).toHaveBeenCalled());
    useSession().end('expired');
    give({ ...found, hash: 'hash 3', taught: [hours] });
    await nextTick();
    expect(training.learned).toBeNull();
  });

  it('is a memory, which some browsers do not have', async () => {
    const real = await vi.importActual<typeof import('../src/bot/kept-lessons')>('../src/bot/kept-lessons');
    await real.keepLessons({ ...found, hash: 'x', taught: [] });
    expect(await real.lessonsOf('x')).toBeNull();
    real.forgetLessons();
  });
});

describe('a training that is worse than what is in use', () => {
  const examples = ['1', '2', '3', '4'];
  const own: Intent = { ...hours, examples };
  const thresholds = Array.from({ length: 51 }, () => ({ answer: 0, ask: 0 }));
  const judged = (isRight: boolean) => examples.map((text) => ({ text, intent: 0, best: [{ intent: isRight ? 0 : 1, score: 1 }] }));
  const trained = (isRight: boolean): Learned => ({ ...learnt, intents: ['hours', 'other'], judged: judged(isRight), thresholds });

  /** A training, and another one that is worse or as good. */
  async function again(isRight: boolean) {
    intents.list.mockResolvedValue({ intents: [own], revision: 17 });
    fake.learn.mockResolvedValueOnce(trained(true)).mockResolvedValueOnce(trained(isRight));
    api.get.mockResolvedValue(bot({ model: model(4) }));
    const training = useTraining();
    training.look(true);
    await training.train();
    expect(training.compared).toBeNull();
    api.addModel.mockResolvedValue(model(5));
    return { training, second: await training.train() };
  }

  it('waits, and goes by one press or the other', async () => {
    const { training, second } = await again(false);
    expect([second, training.compared?.worse.length, training.compared?.former, training.stage, api.addModel.mock.calls.length]).toEqual([null, 4, 4, null, 1]);
    expect(training.learned?.version).toBe(4);
    expect(await training.takeWaiting()).toEqual(model(5));
    expect([training.waiting, training.learned?.version, api.addModel.mock.calls.length]).toEqual([null, 5, 2]);
    expect(training.compared?.former).toBe(4);
  });

  it('is left, and the former one goes on', async () => {
    const { training } = await again(false);
    training.leaveWaiting();
    expect(await training.takeWaiting()).toBeNull();
    expect([training.compared, training.learned?.version, api.addModel.mock.calls.length]).toEqual([null, 4, 1]);
  });

  it('is still there if it could not be sent', async () => {
    const { training } = await again(false);
    api.addModel.mockRejectedValueOnce(new Problem('network'));
    expect(await training.takeWaiting()).toBeNull();
    expect([training.problem?.code, training.waiting !== null, training.stage]).toEqual(['network', true, null]);
    expect(await training.takeWaiting()).toEqual(model(5));
  });

  it('and all that was learnt here is gone where others have taught a later version meanwhile', async () => {
    const { training } = await again(false);
    const overtaken = new Problem('conflict', 409, '', 'revision');
    for (const upload of [() => training.takeWaiting(), () => training.train()]) {
      api.addModel.mockReset().mockRejectedValueOnce(overtaken);
      fake.learn.mockResolvedValueOnce(trained(true));
      api.get.mockResolvedValue(bot({ model: model(6) }));
      expect(await upload()).toBeNull();
      expect([training.problem, training.waiting, training.compared, useBot().bot?.model?.version]).toEqual([overtaken, null, null, 6]);
      await nextTick();
    }
  });

  it('is gone with its session', async () => {
    const { training } = await again(false);
    useSession().end('expired');
    await nextTick();
    expect([training.waiting, training.compared]).toEqual([null, null]);
  });

  it('is held against what is in use by now, though another browser has put it there', async () => {
    intents.list.mockResolvedValue({ intents: [own], revision: 17 });
    fake.learn.mockResolvedValue(trained(false));
    api.get.mockResolvedValue(bot({ model: model(4) }));
    const training = useTraining();
    training.look(true);
    await training.train();
    const { model: _, ...right } = trained(true);
    kept.lessonsOf.mockImplementation((hash: string) => Promise.resolve(hash === 'hash 3' ? { ...right, hash, taught: [own] } : null));
    api.get.mockResolvedValue(bot({ model: model(3) }));
    expect([await training.train(), training.compared?.former, training.compared?.worse.length]).toEqual([null, 3, 4]);
    // Of one that no browser here has learnt nothing is known.
    api.get.mockResolvedValue(bot({ model: model(2) }));
    expect([(await training.train())?.version, training.compared]).toEqual([4, null]);
  });

  it('asks nobody where it is as good', async () => {
    const { training, second } = await again(true);
    expect([second?.version, training.waiting, training.compared]).toEqual([5, null, { former: 4, n: 4, better: [], worse: [] }]);
  });
});

describe('the test chat', () => {
  it('asks the model in use, which is fetched once', async () => {
    api.get.mockResolvedValue(bot({ model: model(4), hold_back: 7 }));
    await useBot().load();
    const training = useTraining();
    expect(await training.judge(said)).toEqual(verdict);
    await training.judge(said);
    const { id, does, buttons } = hours;
    const meaning = (texts: string[]) => [{ id, texts: ['Hours', '', '9 to 5', '', ...texts], does, buttons, form: [] }];
    expect(fake.judge).toHaveBeenLastCalledWith(new Uint8Array([9]), meaning(['', '', '']), [], said, 7);
    useBot().put({ ...hours, picture: { en: '0f-4x3 A map', zh: '' }, action: { url: 'https://shop.example', verified: false } });
    await training.judge(said);
    expect(fake.judge).toHaveBeenLastCalledWith(new Uint8Array([9]), meaning(['0f-4x3 A map', '', 'https://shop.example']), [], said, 7);
    expect(api.modelFile).toHaveBeenCalledTimes(1);
    useBot().bot = bot({ model: model(5) });
    await training.judge(said);
    expect(api.modelFile.mock.calls).toEqual([[4], [5]]);
  });

  it('knows the FAQ, what was written last at the end, which is the same until it is another', async () => {
    api.get.mockResolvedValue(bot());
    await useBot().load();
    const entry = (id: string, day: number) => ({ id, locale: 'en' as const, question: `${id}?`, answer: id, updated_at: `2026-11-0${day}` });
    faq.list.mockResolvedValueOnce({ faq: [entry('new', 2)], after: 'x' }).mockResolvedValueOnce({ faq: [entry('old', 1), entry('mended', 3)] });
    const known = (call: number) => (fake.judge.mock.calls[call] as unknown[])[2];
    const told = (...ids: string[]) => ids.map((id) => ['en', id, `${id}?`, id]);
    await useTraining().judge(said);
    await useTraining().judge(said);
    expect(fake.judge).toHaveBeenLastCalledWith(null, expect.anything(), told('old', 'new', 'mended'), said, null);
    expect(known(1)).toBe(known(0));
    useFaq().put(entry('newest', 4));
    await useTraining().judge(said);
    expect(known(2)).toEqual(told('old', 'new', 'mended', 'newest'));
    expect([faq.list.mock.calls.length, api.modelFile.mock.calls.length]).toEqual([2, 0]);
  });

  it('says why the FAQ is missing, and waits for whoever asks for it, too', async () => {
    await useBot().load();
    faq.list.mockRejectedValueOnce(new Problem('network'));
    await expect(useTraining().judge(said)).rejects.toMatchObject({ code: 'network' });
    const judged = useTraining().judge(said);
    void useFaq().load();
    expect(await judged).toEqual(verdict);
  });

  it('fetches again what failed', async () => {
    api.get.mockResolvedValue(bot({ model: model(4) }));
    await useBot().load();
    api.modelFile.mockRejectedValueOnce(new Problem('network'));
    await expect(useTraining().judge(said)).rejects.toMatchObject({ code: 'network' });
    expect(await useTraining().judge(said)).toEqual(verdict);
  });
});

it('an intent that was saved or deleted is so at once, and the server is asked whether there is something to learn', async () => {
  const store = useBot();
  await store.load();
  api.get.mockResolvedValue(bot({ hold_back: 9 }));
  store.put({ ...hours, id: 'a', buttons: ['hours', 'x'] });
  expect(store.intents.map(({ id }) => id)).toEqual(['a', 'hours']);
  store.drop('hours');
  expect(store.intents.map(({ id, buttons }) => [id, buttons])).toEqual([['a', ['x']]]);
  await vi.waitFor(() => expect(store.bot?.hold_back).toBe(9));
});
