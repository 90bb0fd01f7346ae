// An intent of the library as the workspace's own: its title and draft answer, learning from the library's examples. One that is on is refused:
// its answer may be adapted. Pure.

import type { ImportedIntent } from '../api/types';
import type { LibraryEntry } from './library';

export function switchedOn({ id, title, answer, does }: LibraryEntry): ImportedIntent {
  return { id, title, answer, does: does ?? 'answer', examples: [], library: true, updated_at: '' };
}
