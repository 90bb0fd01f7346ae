// What a browser keeps of a site's conversation: first-party storage, one key per thing, or this page's memory where
// the browser forbids storage or has no room left.
//
//   bellhop.<site>              the session, as JSON (`session.ts`)
//   bellhop.<site>.out.<id>     a message that is not acknowledged yet, as JSON
//   bellhop.<site>.read         the last message that was read, as `<seq> <id>`
//   bellhop.<site>.draft        what stands in the field (of this tab alone)
//   bellhop.<site>.open         whether the panel is open (of this tab alone)

/** The part of `Storage` that is used here. */
export type Disk = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

export class Store {
  #memory = new Map<string, string>();

  /** `disk` may throw, as `localStorage` itself does where it is forbidden. */
  constructor(
    readonly prefix: string,
    private readonly disk: () => Disk,
  ) {}

  get(name: string): string | undefined {
    return this.#memory.get(name) ?? this.#try((disk) => disk.getItem(this.prefix + name)) ?? undefined;
  }

  set(name: string, value: string): void {
    const kept = this.#try((disk) => {
      disk.setItem(this.prefix + name, value);
      return true;
    });
    if (kept) this.#memory.delete(name);
    else this.#memory.set(name, value);
  }

  remove(name: string): void {
    this.#memory.delete(name);
    this.#try((disk) => disk.removeItem(this.prefix + name));
  }

  /** The names that begin so, of disk and memory. */
  names(start: string): string[] {
    const found = new Set(this.#memory.keys());
    this.#try((disk) => {
      for (let i = 0; i < disk.length; i++) {
        const key = disk.key(i)!;
        if (key.startsWith(this.prefix)) found.add(key.slice(this.prefix.length));
      }
    });
    return [...found].filter((name) => name.startsWith(start));
  }

  #try<T>(use: (disk: Disk) => T): T | undefined {
    try {
      return use(this.disk());
    } catch {
      return undefined;
    }
  }
}

/** The JSON object that is kept under a name, if it is one. */
export function readJson<T>(store: Store, name: string): T | undefined {
  try {
    const value: unknown = JSON.parse(store.get(name)!);
    return value && typeof value === 'object' ? (value as T) : undefined;
  } catch {
    return undefined;
  }
}
