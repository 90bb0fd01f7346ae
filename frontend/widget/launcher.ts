// `widget.js`: the script that a site pastes. It draws the button, takes the page's commands, and fetches the chat
// when the visitor opens it, or, in a browser with a conversation, when the page has nothing better to do. Until then
// it makes no request.
import { textOn } from './color.ts';
import { button, el, icon } from './dom.ts';
import { ARROW, BUBBLE } from './launcher-icons.ts';
import type { Chat, Identity, Locale, Modules, Shell } from './shell.ts';
import { DRAFT, OPEN, openStore, OUT, READ } from './storage.ts';
import CSS from './style/launcher.css?inline';

/** The hashed names of what may be fetched later; the build writes them in. */
declare const CHUNKS: Record<keyof Modules, string>;

/** The launcher speaks both languages itself: its few words would not be worth a request. */
const WORDS: Record<string, [open: string, close: string, unread: (count: number) => string]> = {
  en: ['Open chat', 'Close chat', (count) => `, ${count} unread`],
  'zh-CN': ['打开聊天', '关闭聊天', (count) => `，${count} 条未读`],
};

type Command = (...given: any[]) => void;
type Queue = Command & { q?: IArguments[]; ready?: boolean };

const page = window as unknown as { Bellhop?: Queue };

function launch(script: HTMLScriptElement): void {
  // In quotes where the build would shorten it.
  const { site, color, 'position': position } = script.dataset;
  const { origin } = new URL(script.src);
  const base = openStore('bellhop.' + site);
  const tab = openStore(base.prefix, () => sessionStorage);
  const host = document.createElement('bellhop-chat');
  const root = host.attachShadow({ mode: 'open' });
  /** Style rules for the shadow tree, by a constructed sheet, which needs no `style-src`. */
  const adopt = (css: string) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    root.adoptedStyleSheets.push(sheet);
  };
  const badge = el('span', 'badge');
  const launcher = button('launcher', () => commands.toggle!(), icon(BUBBLE), icon(ARROW), badge);
  // The page's direction is the chat's: everything else follows from it.
  const dir = getComputedStyle(document.documentElement).direction;
  const box = el('div', (position ?? (dir === 'rtl' ? 'left' : '')) + ' box', { dir }, launcher);

  let locale = choose(script.dataset['locale']);
  let open = false;
  /** What was asked for last, while the chat is on its way. */
  let wanted: boolean | undefined;
  let unread = 0;
  let gone: boolean | undefined;
  let identity: Identity | undefined;
  /** What is kept of whoever is there. */
  let store = base;
  let chat: Chat | undefined;
  let loading: Promise<void> | undefined;
  const listeners: [name: string, run: (detail: unknown) => void][] = [];

  /** What a listener throws is its own affair. */
  const emit = (name: string, detail?: unknown) => {
    for (const [wanted, run] of listeners) if (wanted === name) queueMicrotask(() => run(detail));
  };
  const label = () => {
    const [toOpen, toClose, count] = WORDS[locale]!;
    launcher.ariaLabel = open ? toClose : toOpen + (unread ? count(unread) : '');
    // The browser writes both as text.
    launcher.ariaExpanded = open as unknown as string;
    // Whoever is found to have a conversation after all has the button of a closed site, too.
    launcher.disabled &&= !stored();
    badge.textContent = open || !unread ? '' : (Math.min(unread, 99) as unknown as string);
  };
  const paint = (text?: string) => {
    const on = textOn(text);
    if (on) box.style.cssText = `--brand:${text};--on:${on}`;
    return on;
  };
  const painted = paint(color);

  /** Firefox remembers of an address that it could not be fetched: another attempt needs another one. */
  let again = '';
  const load = <N extends keyof Modules>(name: N): Promise<Modules[N]> =>
    import(origin + `/w/${CHUNKS[name]}.js` + again).catch((error) => {
      again += '?';
      throw error;
    });
  const fetchChat = async () => {
    launcher.ariaBusy = true as unknown as string;
    try {
      const [{ start }, { strings }] = await Promise.all([load('chat'), load(locale)]);
      if (gone) return;
      const shell: Shell = {
        kit: { el, button, icon },
        box,
        origin,
        site: site!,
        store,
        base,
        tab,
        proof: () => identity?.token,
        adopt,
        _load: load,
        setColor: (text) => painted || paint(text),
        opened(now) {
          open = now;
          label();
          emit(now ? 'open' : 'close');
        },
        unread(count) {
          if (count === unread) return;
          unread = count;
          label();
          emit('unread', count);
        },
        emit,
        _renew: renew,
      };
      chat = start(shell, locale, strings);
      if (identity) chat.identify(identity);
    } catch (error) {
      // Most often there is no network: the next click tries again.
      loading = undefined;
      console.error(error);
    }
    launcher.ariaBusy = false as unknown as string;
    label();
  };
  /** Runs what needs the chat as soon as it is here. */
  const withChat = async (run: (chat: Chat) => unknown) => {
    await (loading ??= fetchChat());
    if (chat) run(chat);
  };

  /** Whoever has something here is told of answers without opening it. */
  const wake = () => void (stored() && withChat((it) => it));

  /** Who is there from now on. */
  const take = (given?: Identity) => {
    identity = given;
    store = openStore(base.prefix + subjectOf(given?.token));
  };
  /** Takes the chat away, and starts another one where one is wanted; it has the focus if the last one had. */
  const renew = () => {
    const { activeElement } = root;
    // One that is on its way finds out who is there when it starts.
    if (chat) chat = loading = chat.destroy();
    // All but ours: the next chat brings its own.
    root.adoptedStyleSheets.length = 1;
    if (open) {
      open = false;
      // By itself it would open without the focus.
      commands.close!();
      commands.open!(activeElement);
    } else wake();
  };

  const commands: Record<string, Command> = {
    open(focus: unknown = true) {
      wanted = true;
      void withChat((it) => wanted && it.open(focus));
    },
    close() {
      wanted = false;
      tab.remove(OPEN);
      chat?.close();
    },
    toggle: () => (open ? commands.close!() : commands.open!()),
    show: () => (launcher.hidden = false),
    hide() {
      commands.close!();
      launcher.hidden = true;
    },
    /** What is said adds to what was, but for another one who is proven; nothing said is nobody. */
    'identify'(given?: Identity) {
      const { prefix } = store;
      take((Object.keys(given ?? {})[0] && { ...identity, ...given, attributes: { ...identity?.attributes, ...given!.attributes } }) as Identity | undefined);
      if (store.prefix !== prefix) {
        if (prefix !== base.prefix) identity = given;
        renew();
      } else chat?.identify(identity, given?.token);
    },
    'setLocale'(name: string) {
      name = locale = choose(name);
      label();
      if (loading) void withChat((it) => load(name as Locale).then(({ strings }) => name === locale && it.setLocale(name, strings), console.error));
    },
    /** All at once, and without the chat: the page may go right after it. */
    'reset'() {
      // First: another window that finds somebody forgotten takes over what is unsent.
      // What nobody in particular wrote is most likely theirs, and nobody may find it who comes next.
      for (const it of [store, base]) {
        for (const name of [...it.names(OUT), READ]) it.remove(name);
        // Where nobody was nothing is left.
        if (chat || it.get('')) it.set('', '');
      }
      tab.remove(DRAFT);
      take();
      renew();
    },
    'destroy'() {
      gone = true;
      chat = chat?.destroy();
      watch.disconnect();
      host.remove();
      delete page.Bellhop;
    },
    on: (name: string, run: (detail: unknown) => void) => listeners.push([name, run]),
  };

  /** Whether this visitor has a conversation here, or has written what no session could be had for. */
  const stored = () => store.get('')?.includes('"started":true') || store.names(OUT)[0];

  /** A page may replace its body, or what is in it, and goes on. Between two bodies there is none. */
  const stay = () => {
    if (!host.isConnected) document.body?.append(host);
    watch.observe(document.documentElement, { childList: true });
    watch.observe(document.body ?? host, { childList: true });
  };
  const watch = new MutationObserver(stay);

  const early = page.Bellhop?.q ?? [];
  const api: Queue = (name: string, ...given: unknown[]) => {
    commands[name]?.(...given);
  };
  api.ready = true;
  page.Bellhop = api;

  adopt(CSS);
  root.append(box);
  label();
  stay();
  for (const given of early) api(...(given as unknown as [string]));
  // A page without a pause, or one that the browser draws no frame of, may never be idle by itself.
  if (stored()) (window.requestIdleCallback ?? setTimeout)(wake, { timeout: 2_000 } as IdleRequestOptions & number);
  else if (script.dataset.closed) {
    launcher.disabled = true;
    load('away').then((it) => it.hide(origin, site!, launcher, stored), () => (launcher.disabled = false));
  }
}

/**
 * Behind the site in every key of the storage: one name for each visitor who was proven here, none for nobody in particular, so that
 * people who share a machine share no chat.
 */
function subjectOf(token?: string): string {
  try {
    // Letters beyond ASCII come out as others, always the same: that is enough for a name.
    return '.me.' + JSON.parse(atob(token!.split('.')[1]!.replace(/-/g, '+').replace(/_/g, '/'))).sub;
  } catch {
    return '';
  }
}

/** The language to speak: what the page asks for, what it is written in, what the browser prefers. */
function choose(asked: string | undefined): Locale {
  return /^zh\b/i.test(asked || document.documentElement.lang || navigator.language) ? 'zh-CN' : 'en';
}

// By the prototype: an element of the page that is named like this would stand before it.
const script = Reflect.get(Document.prototype, 'currentScript', document) as HTMLScriptElement | null;
/** Once: the snippet may stand there twice. */
const begin = () => {
  if (script?.dataset.site && !page.Bellhop?.ready) launch(script);
};
if (document.body) begin();
else addEventListener('DOMContentLoaded', begin);
