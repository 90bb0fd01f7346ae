// What a browser keeps of a site's conversation: first-party storage, one key per thing, or this page's memory where
// the browser forbids storage or has no room left. The launcher lends its stores to the chat: it is the one that forgets.
//
//   bellhop.<site>              the session, as JSON (`session.ts`), or empty where somebody was forgotten; for whoever was proven it all begins with
//                               bellhop.<site>.me.<subject>
//   bellhop.<site>.out.<id>     a message that is not acknowledged yet, as JSON
//   bellhop.<site>.read         the last message that was read, as `<seq> <id>`
//   bellhop.<site>.draft        what stands in the field (of this tab alone)
//   bellhop.<site>.open         whether the panel is open (of this tab alone)

export const OUT = '.out.';
export const READ = '.read';
export const DRAFT = '.draft';
export const OPEN = '.open';

/** By the same keys as on the disk; what is here is newer. It is the page's, so that another chat on it finds what the last one left. */
const memory: Record<string, string> = {};

export interface Store {
  readonly prefix: string;
  get(name: string): string | undefined;
  set(name: string, value: string): void;
  remove(name: string): void;
  /** The names that begin so, of disk and memory. */
  names(start: string): string[];
}

/** `disk` may throw, as `localStorage` itself does where it is forbidden. */
export function openStore(prefix: string, disk = () => localStorage): Store {
  const attempt = <T>(use: (disk: Storage) => T): T | undefined => {
    try {
      return use(disk());
    } catch {
      return undefined;
    }
  };
  return {
    prefix,
    get: (name) => memory[prefix + name] ?? attempt((it) => it.getItem(prefix + name)) ?? undefined,
    set(name, value) {
      memory[prefix + name] = value;
      attempt((it) => {
        it.setItem(prefix + name, value);
        delete memory[prefix + name];
      });
    },
    remove(name) {
      delete memory[prefix + name];
      attempt((it) => it.removeItem(prefix + name));
    },
    names: (start) =>
      [...new Set([...Object.keys(memory), ...(attempt(Object.keys) ?? [])])]
        .filter((key) => key.startsWith(prefix + start))
        .map((key) => key.slice(prefix.length)),
  };
}

/** The JSON object that is kept under a name, if it is one. */
export function readJson<T>(store: Store, name: string): T | undefined {
  try {
    return Object(JSON.parse(store.get(name)!)) as T;
  } catch {
    return undefined;
  }
}
