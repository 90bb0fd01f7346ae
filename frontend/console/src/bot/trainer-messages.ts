// What the page and the trainer's Web Worker say to each other. What was asked is JSON already: nothing reactive goes over.

import type { Learned, Verdict } from './trainer';

/** `faq`: what is known from then on. */
export type Asked = { lesson: string; } | { model: Uint8Array | null; said: string; faq?: string; };

export type Question = { id: number; } & Asked;

export type Reply =
  | { id: number; done: number; of: number; }
  | { id: number; value: Learned | Verdict; }
  | { id: number; code: string; };

/** It broke, and whatever it knew is lost. */
export const FAILED = 'bot_trainer_failed';

/** Its code did not come: a release has replaced the files of the console that runs. */
export const GONE = 'bot_trainer_gone';
