// What learns and judges in the owner's browser: the types.

export interface Lesson {
  intents: { id: string; titles: string[]; examples: string[]; library: string[]; }[];
  background: string[];
}

/** Lower edges of the scores of two bands. */
export interface Thresholds {
  answer: number;
  ask: number;
}

/** An example as a model judged it that had not seen it. */
export interface Judged {
  intent: number;
  text: string;
  best: { intent: number; score: number; }[];
}

export interface Learned {
  model: Uint8Array;
  /** By class. */
  intents: string[];
  /** Percent, by cross-validation. */
  accuracy: number;
  /** That it has learnt from, without the background. */
  examples: number;
  /** Every example that means an intent. */
  judged: Judged[];
  /** 51: among `judged`, for a slider at 0 … 50 %. */
  thresholds: Thresholds[];
}

export interface Words {
  en: string;
  zh: string;
}

export interface Meaning {
  id: string;
  title: Words;
  answer: Words;
  does: 'answer' | 'handoff';
  buttons: string[];
}

/** What the bot would do with a message: the classifier's view, and what the dialogue makes of it. */
export interface Verdict {
  band: 'answer' | 'ask' | 'handoff';
  top: { id: string; score: number; probability: number; }[];
  /** What decided for the best, largest first, at most 8. */
  words: { text: string; weight: number; }[];
  does: 'answer' | 'ask' | 'handoff' | 'silent';
  text: string;
  choices: { id: string; label: string; }[];
  /** Of a hand-over: its stable name, else ''. */
  reason: string;
}

export interface Trainer {
  learn(lesson: Lesson, onProgress: (done: number, of: number) => void): Promise<Learned>;
  /** `asked`: questions back in a row before this message. */
  judge(model: Uint8Array, intents: Meaning[], said: { text: string; choice: string; locale: string; asked: number; }, holdBack: number): Promise<Verdict>;
  /** Ends the Web Worker; what is under way is rejected with an Error named 'AbortError'. */
  close(): void;
}

export function openTrainer(): Trainer {
  throw Object.assign(new Error('no trainer'), { code: 'bot_trainer_failed' });
}
