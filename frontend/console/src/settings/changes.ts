// Of a form only what was changed in it is sent: what a colleague has changed meanwhile in its other fields stays.

/** The fields of a draft that are other than when the form was opened. */
export function changesOf<T extends object>(draft: T, opened: NoInfer<T>): Partial<T> {
  const isOther = (field: keyof T) => JSON.stringify(draft[field]) !== JSON.stringify(opened[field]);
  return Object.fromEntries(Object.entries(draft).filter(([field]) => isOther(field as keyof T))) as Partial<T>;
}

export const isNothing = (change: object): boolean => Object.keys(change).length === 0;
