// What the page and the trainer's Web Worker say to each other. What was asked is JSON already: nothing reactive goes over.

import type { Learned, Verdict } from './trainer';

export type Question = { id: number; } & ({ lesson: string; } | { model: Uint8Array; said: string; });

export type Reply =
  | { id: number; done: number; of: number; }
  | { id: number; value: Learned | Verdict; }
  | { id: number; code: string; };

/** It broke, and whatever it knew is lost. */
export const FAILED = 'bot_trainer_failed';
