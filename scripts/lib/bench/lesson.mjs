// What a bot of a bench has learnt and is asked: sentences of words that mean nothing, always the same. What is asked has
// more of its intent's own words than what was learnt, so that all of it can be answered; whether it was, the run counts.

const CONSONANTS = 'bdfgklmnprstvz';
const VOWELS = 'aeiou';
/** Words that only one intent has, and words that all have. */
const OWN_WORDS = 8;
const SHARED_WORDS = 200;
/** How many of both are in a sentence that is learnt, and in one that is asked. */
const LEARNT = { own: 4, shared: 2 };
const ASKED = { own: 6, shared: 1 };

/** Mulberry32: the same numbers everywhere. */
function numbers(seed) {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let it = Math.imul(state ^ (state >>> 15), 1 | state);
    it = (it + Math.imul(it ^ (it >>> 7), 61 | it)) ^ it;
    return ((it ^ (it >>> 14)) >>> 0) % below;
  };
}

/**
 * So many intents with so many examples each, and as many messages that mean each of them; no two sentences are the same.
 * Neighbours among the messages mean different intents.
 * @returns `{intents: [{id, says, examples}], messages: [{text, says}]}`
 */
export function lesson({ intents: count, examples, messages, seed = 1 }) {
  const below = numbers(seed);
  const drawn = new Set();
  const fresh = (make) => {
    for (;;) {
      const made = make();
      if (drawn.has(made)) continue;
      drawn.add(made);
      return made;
    }
  };
  const syllable = () => CONSONANTS[below(CONSONANTS.length)] + VOWELS[below(VOWELS.length)];
  const word = () => fresh(() => syllable() + syllable() + syllable() + CONSONANTS[below(CONSONANTS.length)]);
  const words = (length) => Array.from({ length }, word);
  const some = (length, list) => {
    const left = [...list];
    return Array.from({ length }, () => left.splice(below(left.length), 1)[0]);
  };
  const shared = words(SHARED_WORDS);
  const known = Array.from({ length: count }, (_, at) => ({ id: `intent_${at}`, says: `Answer ${at} of ${count}.`, own: words(OWN_WORDS) }));
  const sentence = (intent, { own, shared: further }) => fresh(() => some(own + further, [...some(own, intent.own), ...some(further, shared)]).join(' '));
  const taught = known.map((it) => ({ id: it.id, says: it.says, examples: Array.from({ length: examples }, () => sentence(it, LEARNT)) }));
  const asked = Array.from({ length: messages }, () => known.map((it) => ({ text: sentence(it, ASKED), says: it.says })));
  return { intents: taught, messages: asked.flat() };
}
