// What launcher and chat know of each other. The launcher is on every page; the chat comes when it is needed.
import type { Kit } from './kit.ts';
import type { Strings } from './locale/strings.ts';
import type { Store } from './storage.ts';

/** What the launcher offers to the chat. */
export interface Shell {
  readonly kit: Kit;
  /** The element in the shadow tree that carries the colours; the launcher's button is in it. */
  readonly box: HTMLElement;
  /** Where script and API come from, without a slash at the end. */
  readonly origin: string;
  readonly site: string;
  /** What the browser keeps of this visitor, of nobody in particular, and of this tab. */
  readonly store: Store;
  readonly base: Store;
  readonly tab: Store;
  /** What the site's server has signed of the visitor, as the page gave it last. */
  proof(): string | undefined;
  /** Adds style rules to the shadow tree. */
  adopt(css: string): void;
  /** The site's colour, unless the page has named one. */
  setColor(color: string | undefined): void;
  /** Fetches what not everybody needs. */
  _load<N extends keyof Modules>(name: N): Promise<Modules[N]>;
  /** The panel was opened or closed. */
  opened(open: boolean): void;
  unread(count: number): void;
  emit(name: string, detail?: unknown): void;
  /** This chat is over: the visitor is somebody else, or was forgotten. Whoever stays, or has it open, gets another one. */
  _renew(): void;
}

/** What a page may say about its visitor. Nothing of it is proven but the token. */
export interface Identity {
  /** A JWT that the site's server has signed (docs/widget.md). */
  token?: string;
  name?: string;
  email?: string;
  attributes?: Record<string, string>;
}

/** What the chat offers to the launcher. */
export interface Chat {
  /** `focus`: takes it as well. */
  open(focus: unknown): void;
  close(): void;
  /** All that is known of the visitor; `token`: it was said just now. */
  identify(identity?: Identity, token?: string): void;
  setLocale(locale: string, strings: Strings): void;
  destroy(): undefined;
}

export type Locale = 'en' | 'zh-CN';

/** What is fetched when it is needed. */
export interface Modules extends Record<Locale, { strings: Strings }> {
  chat: { start(shell: Shell, locale: string, strings: Strings): Chat };
  /** The form for a site where nobody is. */
  away: typeof import('./away.ts');
  /** The buttons under a bot's message. */
  offer: typeof import('./offer.ts');
}
