// `widget.js`: the script that a site pastes. It draws the button, takes the page's commands, and fetches the chat
// when the visitor opens it, or, in a browser with a conversation, when the page has nothing better to do. Until then
// it makes no request.
import { parseColor, textOn } from './color.ts';
import { adopt, attr, el, icon } from './dom.ts';
import type { Chat, ChatModule, Identity, LocaleModule } from './shell.ts';
import { storageKey } from './shell.ts';
import CSS from './style/launcher.css?inline';

/** The hashed names of what may be fetched later; the build writes them in. */
declare const CHUNKS: { chat: string; locales: Record<string, string> };

/** The launcher speaks both languages itself: its few words would not be worth a request. */
const WORDS: Record<string, [open: string, close: string, unread: (count: number) => string]> = {
  en: ['Open chat', 'Close chat', (count) => `, ${count} unread message${count === 1 ? '' : 's'}`],
  'zh-CN': ['打开聊天窗口', '关闭聊天窗口', (count) => `，${count} 条未读消息`],
};

type Command = (...given: any[]) => void;
type Queue = Command & { q?: IArguments[]; ready?: boolean };

const page = window as unknown as { Bellhop?: Queue };

function launch(script: HTMLScriptElement): void {
  const { site = '', color, position } = script.dataset;
  const { origin } = new URL(script.src);
  const host = document.createElement('bellhop-chat');
  const root = host.attachShadow({ mode: 'open' });
  const badge = attr(el('span', 'badge'), { 'aria-hidden': 'true' });
  const bubble = icon('M4 12a8 7.5 0 1 1 3.2 6L3.5 19.5l1.2-3.6A7.2 7.2 0 0 1 4 12z', 'M8.5 10.5h7M8.5 14h4.5');
  const button = attr(el('button', 'launcher', bubble, icon('M6 9.5l6 6 6-6'), badge), { type: 'button', 'aria-haspopup': 'dialog' });
  // The page's direction is the chat's: everything else follows from it.
  const dir = getComputedStyle(document.documentElement).direction;
  const box = attr(el('div', '', button), { dir });
  box.classList.toggle('left', position ? position === 'left' : dir === 'rtl');

  let locale = choose(script.dataset.locale);
  let open = false;
  /** What was asked for last, while the chat is on its way. */
  let wanted = false;
  let unread = 0;
  let gone = false;
  let identity: Identity | undefined;
  let chat: Chat | undefined;
  let loading: Promise<Chat | undefined> | undefined;
  const listeners = new Map<string, Set<(detail: unknown) => void>>();

  const emit = (name: string, detail?: unknown) => {
    listeners.get(name)?.forEach((run) => {
      try {
        run(detail);
      } catch (error) {
        console.error(error);
      }
    });
  };
  const label = () => {
    const [toOpen, toClose, count] = WORDS[locale]!;
    button.setAttribute('aria-label', open ? toClose : toOpen + (unread ? count(unread) : ''));
    button.setAttribute('aria-expanded', String(open));
    badge.textContent = open || !unread ? '' : unread > 99 ? '99+' : String(unread);
  };
  const paint = (text: string | undefined): boolean => {
    const parsed = parseColor(text);
    if (parsed) {
      box.style.setProperty('--brand', text!);
      box.style.setProperty('--on-brand', textOn(parsed));
    }
    return parsed !== undefined;
  };
  paint('#2d4fd7');
  const painted = paint(color);

  const fetchLocale = (name: string) => import(new URL(CHUNKS.locales[name]!, origin + '/').href) as Promise<LocaleModule>;
  const load = () =>
    (loading ??= (async () => {
      button.setAttribute('aria-busy', 'true');
      try {
        const [{ start }, { strings }] = await Promise.all([
          import(new URL(CHUNKS.chat, origin + '/').href) as Promise<ChatModule>,
          fetchLocale(locale),
        ]);
        if (gone) return undefined;
        chat = start(
          {
            box,
            origin,
            site,
            adopt: (css) => adopt(root, css),
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
            focusLauncher: () => button.focus(),
          },
          locale,
          strings,
        );
        if (identity) chat.identify(identity);
        return chat;
      } catch (error) {
        // Most often there is no network: the next click tries again.
        loading = undefined;
        console.error('Bellhop: the chat could not be loaded', error);
        return undefined;
      } finally {
        button.removeAttribute('aria-busy');
      }
    })());

  const commands: Record<string, Command> = {
    open() {
      wanted = true;
      void load().then((it) => wanted && it?.open());
    },
    close() {
      wanted = false;
      chat?.close();
    },
    toggle: () => (open ? commands.close!() : commands.open!()),
    show: () => (box.hidden = false),
    hide() {
      commands.close!();
      box.hidden = true;
    },
    identify(given: Identity) {
      identity = given;
      chat?.identify(given);
    },
    setLocale(name: string) {
      name = locale = choose(name);
      label();
      if (loading) Promise.all([loading, fetchLocale(name)]).then(([it, { strings }]) => name === locale && it?.setLocale(name, strings), console.error);
    },
    reset() {
      identity = undefined;
      if (chat) chat.reset();
      else if (stored()) void load().then((it) => it?.reset());
    },
    destroy() {
      gone = true;
      chat?.destroy();
      host.remove();
      delete page.Bellhop;
    },
    on(name: string, run: (detail: unknown) => void) {
      if (!listeners.has(name)) listeners.set(name, new Set());
      listeners.get(name)!.add(run);
    },
  };

  /** Whether this browser has a conversation. */
  const stored = () => {
    try {
      return localStorage.getItem(storageKey(site))?.includes('"started":true');
    } catch {
      return false;
    }
  };

  const waiting = page.Bellhop?.q ?? [];
  const api: Queue = (name: string, ...given: unknown[]) => {
    if (Object.hasOwn(commands, name)) commands[name]!(...given);
    else console.warn('Bellhop: no command ' + name);
  };
  api.ready = true;
  page.Bellhop = api;

  adopt(root, CSS);
  root.append(box);
  button.addEventListener('click', () => commands.toggle!());
  label();
  document.body.append(host);
  for (const [name, ...given] of waiting) api(name as string, ...given);
  if (stored()) (window.requestIdleCallback ?? ((run: () => void) => setTimeout(run, 200)))(() => void load());
}

/** The language to speak: what the page asks for, what it is written in, what the browser prefers. */
function choose(asked: string | undefined): string {
  const wanted = asked || document.documentElement.lang || navigator.language;
  return /^zh\b/i.test(wanted) ? 'zh-CN' : 'en';
}

const script = document.currentScript as HTMLScriptElement | null;
if (script?.dataset.site && !page.Bellhop?.ready) {
  if (document.body) launch(script);
  else document.addEventListener('DOMContentLoaded', () => launch(script));
}
