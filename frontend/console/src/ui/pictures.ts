// Which picture an agent has, by id, from wherever it was told; who has none here shows initials.

import { shallowReactive } from 'vue';

const pictures = shallowReactive(new Map<string, string>());

/** The hash of an agent's picture; '' for none. */
export const pictureOf = (id: string): string => pictures.get(id) ?? '';

/** How it is now. A server of before says nothing of it. */
export function learnPicture(id: string, hash: string | undefined): void {
  if (hash !== undefined) pictures.set(id, hash);
}

/** How it was some time ago: good where nothing newer is known. */
export function hintPicture(id: string, hash: string): void {
  if (hash && !pictures.has(id)) pictures.set(id, hash);
}

/** Whoever signs in next knows none of these people. */
export const forgetPictures = (): void => pictures.clear();
