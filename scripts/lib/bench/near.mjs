// Which sentences are nearly the same: as tests/library.rs says it, by the Jaccard index of their folded 3-grams.
import { folded } from './fold.mjs';

/** From this index on. */
const NEAR = 0.8;

function grams(sentence) {
  const letters = folded(sentence);
  // A short one is a single gram.
  while (letters.length < 3) letters.push('\0');
  return new Set(letters.slice(2).map((_, place) => letters.slice(place, place + 3).join('')));
}

/** Pairs [one, other] of a sentence of each list that are nearly the same. */
export function near(ones, others) {
  const byGram = new Map();
  const sizes = others.map((sentence, place) => {
    const all = grams(sentence);
    for (const gram of all) {
      if (byGram.has(gram)) byGram.get(gram).push(place);
      else byGram.set(gram, [place]);
    }
    return all.size;
  });
  const shared = new Uint16Array(others.length);
  return ones.flatMap((one) => {
    const all = grams(one);
    const lists = [...all].map((gram) => byGram.get(gram) ?? []);
    shared.fill(0);
    for (const list of lists) for (const place of list) shared[place] += 1;
    const isNear = (_, place) => shared[place] > 0 && shared[place] >= NEAR * (all.size + sizes[place] - shared[place]);
    return others.filter(isNear).map((other) => [one, other]);
  });
}
