// What a bot learns from: the owner's intents, each with the library's examples of its name where it wants them, and as
// background the rest of the library. Pure.

import type { Intent } from '../api/types';
import type { LibraryIntent } from './library';
import type { Lesson } from './trainer';

const sentences = ({ examples: { en, zh } }: LibraryIntent) => [...en, ...zh];

export function lessonOf(intents: readonly Intent[], library: readonly LibraryIntent[]): Lesson {
  const shipped = new Map(library.map((one) => [one.id, one]));
  const own = new Set(intents.map(({ id }) => id));
  return {
    intents: intents.map(({ id, title, examples, library: wanted }) => {
      const more = wanted ? shipped.get(id) : undefined;
      return { id, titles: [title.en, title.zh].filter(Boolean), examples: [...examples], library: more ? sentences(more) : [] };
    }),
    // What the owner has under the same name, but without the library's examples, is no other topic.
    background: library.filter(({ id }) => !own.has(id)).map(sentences),
  };
}
