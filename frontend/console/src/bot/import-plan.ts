// What an import of a table would do to the intents that are there, before it is done. Pure.

import type { ImportedIntent, Intent } from '../api/types';
import { folded } from './examples';
import type { ReadIntent } from './examples';
import { EXAMPLES, INTENTS } from './intent-draft';

export interface PlannedIntent {
  id: string;
  isNew: boolean;
  /** Those that the intent does not have. The server knows more spellings of the same, and may add fewer. */
  added: number;
  /** With those that it has they are more than an intent may have, as far as is known here. */
  isFull: boolean;
  /** Whether titles or answers are given. */
  hasTexts: boolean;
}

export interface ImportPlan {
  intents: PlannedIntent[];
  /** The workspace would have more of them than it may. */
  isTooMany: boolean;
  /** What is sent. */
  body: ImportedIntent[];
}

export function planOf(read: readonly ReadIntent[], existing: readonly Intent[]): ImportPlan {
  const byId = new Map(existing.map((intent) => [intent.id, intent]));
  const intents = read.map(({ id, examples, texts }) => {
    const known = new Set(byId.get(id)?.examples.map(folded));
    const added = examples.filter((example) => !known.has(folded(example))).length;
    return { id, isNew: !byId.has(id), added, isFull: added > 0 && known.size + added > EXAMPLES, hasTexts: Object.keys(texts).length > 0 };
  });
  return {
    intents,
    isTooMany: existing.length + intents.filter(({ isNew }) => isNew).length > INTENTS,
    body: read.map(bodyOf),
  };
}

function bodyOf({ id, examples, texts }: ReadIntent): ImportedIntent {
  const words = (what: 'title' | 'answer') => {
    const [en, zh] = [texts[`${what}_en`], texts[`${what}_zh`]];
    return en || zh ? { [what]: { ...(en && { en }), ...(zh && { zh }) } } : {};
  };
  return { id, examples, ...words('title'), ...words('answer') };
}
