import { describe, expect, it, vi } from 'vitest';
import { FAILED, GONE, type Question, type Reply } from '../src/bot/trainer-messages';
import { trainerOver, type Entry, type Learned, type Lesson, type Trainer } from '../src/bot/trainer';

class FakeWorker {
  asked: Question[] = [];
  isEnded = false;
  onmessage: ((event: MessageEvent) => void) | null = null;
  onerror: ((event: ErrorEvent) => void) | null = null;
  onmessageerror: ((event: MessageEvent) => void) | null = null;

  postMessage(question: Question) {
    this.asked.push(question);
  }

  terminate() {
    this.isEnded = true;
  }

  say(reply: Reply) {
    this.onmessage?.({ data: reply } as MessageEvent);
  }
}

function stage() {
  const workers: FakeWorker[] = [];
  const trainer = trainerOver(() => {
    const worker = new FakeWorker();
    workers.push(worker);
    return worker as unknown as Worker;
  });
  return { trainer, workers, worker: (place = 0) => workers[place] as FakeWorker };
}

const lesson: Lesson = { intents: [{ id: 'refund', titles: ['Refund'], examples: ['money back'], library: [] }], background: [] };
const said = { text: 'hi', choice: '', locale: 'en', asked: 0, form: null };
const faq: Entry[] = [['en', 'faq_a', 'Parking?', 'Behind the \uD83Dhouse.']];
const judge = (trainer: Trainer, known = faq) => trainer.judge(new Uint8Array([1]), [], known, said, 3);
const rejection = (promise: Promise<unknown>) => promise.then(() => null, (error: Error & { code?: string; }) => error);

describe('the trainer', () => {
  it('starts its Worker when it is first needed, and one only', () => {
    const { trainer, workers } = stage();
    expect(workers).toHaveLength(0);
    void judge(trainer);
    void judge(trainer);
    expect(workers).toHaveLength(1);
  });

  it('matches answers to what was asked, in any order, and tells progress', async () => {
    const { trainer, worker } = stage();
    const onProgress = vi.fn();
    const learning = trainer.learn(lesson, onProgress);
    const judging = judge(trainer);
    await Promise.resolve();
    const [first, second] = worker().asked.map(({ id }) => id) as [number, number];
    worker().say({ id: first, done: 100, of: 600 });
    worker().say({ id: second, value: { band: 'ask' } as never });
    worker().say({ id: 99, code: FAILED });
    worker().say({ id: first, value: { accuracy: 90 } as Learned });
    expect(await judging).toEqual({ band: 'ask' });
    expect(await learning).toEqual({ accuracy: 90 });
    expect(onProgress.mock.calls).toEqual([[100, 600]]);
  });

  it('sends whole characters only, and the slider with what was said', () => {
    const { trainer, worker } = stage();
    void trainer.judge(new Uint8Array([1]), [], faq, { ...said, text: 'a\uD83Db \uDE42\uD83D 🙂 \\ud83d' }, 7);
    const [asked] = worker().asked as unknown as [{ said: string; }];
    expect(JSON.parse(asked.said)).toEqual({ ...said, text: 'a\uFFFDb \uFFFD\uFFFD 🙂 \\ud83d', intents: [], hold_back: 7 });
  });

  it('sends the FAQ once to each Worker, and again when it is another', () => {
    const { trainer, workers, worker } = stage();
    const sent = (place: number) => worker(place).asked.map((asked) => ('faq' in asked ? JSON.parse(asked.faq ?? '') : null));
    for (const known of [faq, faq, [], faq]) void rejection(judge(trainer, known));
    const whole = ['en', 'faq_a', 'Parking?', 'Behind the \uFFFDhouse.'];
    expect(sent(0)).toEqual([whole, null, [], whole]);
    worker().onerror?.({} as ErrorEvent);
    void judge(trainer);
    expect([workers.length, sent(1)]).toEqual([2, [whole]]);
  });

  it('rejects with the code of the core, and goes on', async () => {
    const { trainer, worker, workers } = stage();
    const refusal = rejection(trainer.learn({ intents: [], background: [] }, () => {}));
    await Promise.resolve();
    worker().say({ id: worker().asked[0]?.id ?? 0, code: 'bot_corpus_empty' });
    expect((await refusal)?.code).toBe('bot_corpus_empty');
    void judge(trainer);
    expect([workers.length, worker().isEnded]).toEqual([1, false]);
  });

  it.each([
    ['a trap', FAILED, (worker: FakeWorker) => worker.say({ id: worker.asked[0]?.id ?? 0, code: FAILED })],
    ['a Worker that does not load', GONE, (worker: FakeWorker) => worker.onerror?.({} as ErrorEvent)],
    ['a Worker whose code is not there', GONE, (worker: FakeWorker) => worker.say({ id: worker.asked[0]?.id ?? 0, code: GONE })],
    ['a Worker that breaks later', FAILED, (worker: FakeWorker) => {
      worker.say({ id: 0, done: 1, of: 2 });
      worker.onerror?.({} as ErrorEvent);
    }],
    ['what can’t be read', FAILED, (worker: FakeWorker) => worker.onmessageerror?.({} as MessageEvent)],
  ])('after %s all that is under way has failed, and the next call begins afresh', async (_, code, breakIt) => {
    const { trainer, worker, workers } = stage();
    const both = [rejection(trainer.learn(lesson, () => {})), rejection(judge(trainer))];
    await Promise.resolve();
    breakIt(worker());
    expect((await Promise.all(both)).map((error) => error?.code)).toEqual([code, code]);
    expect(worker().isEnded).toBe(true);
    const again = judge(trainer);
    expect(workers).toHaveLength(2);
    worker(1).say({ id: worker(1).asked[0]?.id ?? 0, value: { band: 'answer' } as never });
    expect(await again).toEqual({ band: 'answer' });
  });

  it('fails where no Worker can be started', async () => {
    const trainer = trainerOver(() => {
      throw new TypeError('no');
    });
    expect((await rejection(judge(trainer)))?.code).toBe(FAILED);
  });

  it('ends what is under way when it is closed, and starts nothing after', async () => {
    const { trainer, worker, workers } = stage();
    const learning = rejection(trainer.learn(lesson, () => {}));
    await Promise.resolve();
    trainer.close();
    expect((await learning)?.name).toBe('AbortError');
    expect(worker().isEnded).toBe(true);
    expect((await rejection(judge(trainer)))?.name).toBe('AbortError');
    expect(workers).toHaveLength(1);
  });
});
