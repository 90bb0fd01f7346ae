// Learns the bot's model and tries it, in a Web Worker with the server's own code: nothing of the owner's leaves their browser
// but the model. The page asks, the Worker answers; what never answers is told as failed, and the next call begins afresh.

import workerUrl from './trainer-worker.ts?worker&url';
import type { FormField } from '../api/types';
import { type Asked, FAILED, GONE, type Question, type Reply } from './trainer-messages';

export interface Lesson {
  intents: { id: string; titles: string[]; examples: string[]; library: string[]; }[];
  /** What means none of the intents: of each that is off a list. */
  background: string[][];
}

/** Lower edges of the scores of two bands. */
export interface Thresholds {
  answer: number;
  ask: number;
}

/** An example as a model judged it that had not seen it. Intents by their place in `Learned.intents`. */
export interface Judged {
  intent: number;
  text: string;
  best: { intent: number; score: number; }[];
}

export interface Learned {
  model: Uint8Array;
  /** Ids, by class. */
  intents: string[];
  /** Percent, by cross-validation. */
  accuracy: number;
  /** That it has learnt from, without the background. */
  examples: number;
  /** Every example that means an intent. */
  judged: Judged[];
  /** 51, for a slider at 0 … 50 %: where the bands lie among `judged`. */
  thresholds: Thresholds[];
  /** Where the slider stands unless the owner moves it. */
  usual: number;
}

export interface Words {
  en: string;
  zh: string;
}

export interface Meaning {
  id: string;
  /** Title, answer and picture, each in English and in Chinese, and the address of its action; '' for what it does not have. */
  texts: string[];
  does: 'answer' | 'handoff';
  buttons: string[];
  form: FormField[];
}

/** Of the FAQ. */
export type Entry = [locale: string, id: string, question: string, answer: string];

/** How far a form is, as one verdict hands it to the next message. */
export type Filling = string[];

/** What the bot would do with a message: the classifier's view, and what the dialogue makes of it (small talk, calls for a person). */
export interface Verdict {
  band: 'answer' | 'ask' | 'handoff';
  top: { id: string; score: number; probability: number; }[];
  /** What decided for the best, largest first, at most 8. */
  words: { text: string; weight: number; }[];
  /** `fill`: it asks for a field of a form; `act`: it calls the owner's system, whose address is the text. */
  does: 'answer' | 'ask' | 'fill' | 'act' | 'handoff' | 'silent';
  text: string;
  choices: { id: string; label: string; }[];
  /** Of a hand-over: its stable name, else ''. */
  reason: string;
  form: Filling | null;
  /** The question of the FAQ's entry that it tells, else ''. */
  faq: string;
  /** The picture under what it says, as an intent names it; '' for none. */
  image: string;
}

export interface Said {
  text: string;
  /** The intent, or the entry of the FAQ, whose button was pressed, or ''. */
  choice: string;
  locale: string;
  /** Questions back in a row before this message. */
  asked: number;
  form: Filling | null;
}

/** What is refused rejects with an `Error` whose `code` is that of the core, or `bot_trainer_failed`, or `bot_trainer_gone`. */
export interface Trainer {
  learn(lesson: Lesson, onProgress: (done: number, of: number) => void): Promise<Learned>;
  /** `model` null: it has learnt nothing. `faq`, what was written last at the end, goes over when it is another array than last time. */
  judge(model: Uint8Array | null, intents: Meaning[], faq: readonly Entry[], said: Said, holdBack: number | null): Promise<Verdict>;
  /** Ends the Web Worker; what is under way is rejected with an `Error` named `AbortError`. */
  close(): void;
}

type WorkerLike = Pick<Worker, 'postMessage' | 'terminate' | 'onmessage' | 'onerror' | 'onmessageerror'>;

interface Waiting {
  resolve(value: never): void;
  reject(error: Error): void;
  onProgress(done: number, of: number): void;
}

export function openTrainer(): Trainer {
  return trainerOver(startWorker);
}

/** A trainer over Workers that `start` makes: one when it is first needed, and another when that one has failed. */
export function trainerOver(start: () => WorkerLike): Trainer {
  let worker: WorkerLike | null = null;
  let isClosed = false;
  let lastId = 0;
  /** The FAQ that the Worker knows. */
  let known: readonly Entry[] | null = null;
  const waiting = new Map<number, Waiting>();

  function end(error: () => Error) {
    worker?.terminate();
    worker = null;
    known = null;
    const all = [...waiting.values()];
    waiting.clear();
    for (const { reject } of all) reject(error());
  }

  const fail = (code = FAILED) => end(() => refused(code));

  function begin(): WorkerLike {
    const begun = start();
    let hasSpoken = false;
    begun.onmessage = ({ data }: MessageEvent<Reply>) => {
      hasSpoken = true;
      const asked = waiting.get(data.id);
      if (!asked) return;
      if ('of' in data) return asked.onProgress(data.done, data.of);
      // After a trap nothing in its memory can be relied on.
      if ('code' in data && (data.code === FAILED || data.code === GONE)) return fail(data.code);
      waiting.delete(data.id);
      if ('code' in data) asked.reject(refused(data.code));
      else asked.resolve(data.value as never);
    };
    // What has never said anything was not there.
    begun.onerror = () => fail(hasSpoken ? FAILED : GONE);
    begun.onmessageerror = () => fail();
    return begun;
  }

  function ask<T>(question: Asked, onProgress: Waiting['onProgress'] = () => {}): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (isClosed) return reject(aborted());
      const id = ++lastId;
      waiting.set(id, { resolve, reject, onProgress });
      try {
        worker ??= begin();
        worker.postMessage({ id, ...question } satisfies Question);
      } catch {
        fail();
      }
    });
  }

  return {
    learn: async (lesson, onProgress) => ask<Learned>({ lesson: toJson(lesson) }, onProgress),
    judge: async (model, intents, faq, said, holdBack) => {
      const isKnown = faq === known;
      known = faq;
      return ask<Verdict>({ model, said: toJson({ ...said, intents, hold_back: holdBack }), ...(!isKnown && { faq: toJson(faq.flat()) }) });
    },
    close() {
      isClosed = true;
      end(aborted);
    },
  };
}

/** Halves of characters, which no UTF-8 can hold, become what decoders put in their place. */
function toJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (typeof part === 'string' ? part.replace(/\p{Surrogate}/gu, '\uFFFD') : part));
}

function refused(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function aborted(): Error {
  return new DOMException('the trainer was closed', 'AbortError');
}

interface Policy {
  createScriptURL(url: string): string;
}

let policy: Policy | undefined;

/** The console's content policy lets a script be named by this policy only, and this policy names one. */
function startWorker(): Worker {
  const { trustedTypes } = globalThis as { trustedTypes?: { createPolicy(name: string, rules: Policy): Policy; }; };
  policy ??= trustedTypes?.createPolicy('bellhop-trainer', {
    createScriptURL: (url) => {
      if (url !== workerUrl) throw new TypeError('not the trainer');
      return url;
    },
  });
  return new Worker(policy?.createScriptURL(workerUrl) ?? workerUrl, { type: 'module' });
}
