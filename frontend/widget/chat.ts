// The chat itself, fetched when it is needed: puts conversation, panel, log and field together.
import { browserEnv, watchPage } from '../shared/browser-env.ts';
import type { Message } from '../shared/wire/types.ts';
import { Composer } from './composer.ts';
import { Conversation } from './conversation.ts';
import { lineOf } from './line.ts';
import type { Strings } from './locale/strings.ts';
import { LogView } from './log-view.ts';
import { Panel } from './panel.ts';
import { nameOf, rowsOf } from './rows.ts';
import { Session } from './session.ts';
import { storageKey } from './shell.ts';
import type { Chat, Shell } from './shell.ts';
import { Store } from './storage.ts';
import CSS from './style/chat.css?inline';
import { regionOf, Times } from './times.ts';

const DRAFT = '.draft';
const OPEN = '.open';
const FETCH_WITHIN_MS = 15_000;

/** Builds the chat into the launcher's shadow tree. */
export function start(shell: Shell, locale: string, strings: Strings): Chat {
  const { origin, site } = shell;
  const { now } = browserEnv;
  const store = new Store(storageKey(site), () => localStorage);
  const tab = new Store(storageKey(site), () => sessionStorage);
  const watch = new AbortController();
  let times: Times;
  let since = now();
  let timer = 0;
  let drawing = false;

  const session = new Session({
    store,
    origin,
    site,
    now,
    post: (url, body) => fetch(url, { method: 'POST', body, headers: { 'Content-Type': 'application/json' }, credentials: 'omit', signal: AbortSignal.timeout(FETCH_WITHIN_MS) }),
    lock: (name, run) => navigator.locks.request(name, run),
    pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    changed: () => draw(),
  });

  const conversation = new Conversation({
    env: browserEnv,
    store,
    session,
    context: () => ({
      pageUrl: location.href,
      pageTitle: document.title,
      referrer: document.referrer,
      locale,
      timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    }),
    visible: () => panel.open,
    changed: () => draw(),
    arrived(message: Message) {
      const name = nameOf(message, strings);
      panel.announce(strings.says(name) + message.text);
      shell.emit('message', { id: message.id, from: name, text: message.text, at: message.at });
    },
    failed: () => panel.announce(strings.failed),
  });

  const log = new LogView({
    older: () => conversation.older(),
    retry(clientId) {
      composer.focus();
      conversation.retry(clientId);
    },
    remove(clientId) {
      composer.focus();
      conversation.remove(clientId);
    },
    atEnd: () => draw(),
  });

  const composer = new Composer(
    {
      send(text) {
        log.follow();
        conversation.write(text);
      },
      typing: (on) => conversation.typing(on),
      draft: (text) => (text ? tab.set(DRAFT, text) : tab.remove(DRAFT)),
    },
    tab.get(DRAFT) ?? '',
  );

  const panel = new Panel(
    {
      close: () => chat.close(),
      act: () => (conversation.link.kind === 'stopped' ? conversation.restart() : conversation.check()),
      composing: (event) => composer.composing(event),
    },
    log.node,
    composer.node,
  );

  /** Draws at the next chance, however much has changed until then; hidden tabs draw at once, they have no frames. */
  function draw(): void {
    if (drawing) return;
    drawing = true;
    queueMicrotask(() => {
      drawing = false;
      if (!watch.signal.aborted) paint();
    });
  }

  let link = conversation.link;
  function paint(): void {
    if (link !== conversation.link) since = now();
    link = conversation.link;
    const { kept } = session;
    const { log: machine } = conversation;
    const { name, greeting, color } = kept?.site ?? {};
    const at = now() + machine.clockAhead;
    if (color) shell.setColor(color);

    if (panel.open && !document.hidden && log.following) conversation.markRead();
    shell.unread(machine.unread);
    browserEnv.clearTimer(timer);
    if (!panel.open) return;

    // Without a line nobody knows who is there.
    const agents = (link.kind === 'live' && machine.presence?.agents.map((one) => one.name).filter(Boolean)) || [];
    const holder = machine.state?.assignee?.name;
    const title = name || strings.title;
    panel.head({
      title,
      subtitle: agents.length ? strings.somebodyHere(times.names(agents.slice(0, 3))) : holder ? strings.assigned(holder) : strings.nobodyHere,
      faces: agents.length ? agents : [holder || title],
      here: agents.length > 0,
    });
    const waits = !!kept?.started && !machine.welcomed;
    const line = lineOf({ link, since, now: now(), quiet: !!kept && !kept.started, heldUntil: machine.outbox.heldUntil }, strings);
    panel.line(line, strings);
    composer.disabled = !!line?.closed;
    const typist = machine.typing.list(now())[0];
    log.draw(
      {
        rows: rowsOf(machine, link.kind === 'live', strings),
        greeting: machine.run.older || waits ? '' : greeting || strings.greeting,
        name: title,
        typing: typist ? nameOf({ sender: typist }, strings) : '',
        loading: (waits && link.kind !== 'stopped') || machine.paging,
        unread: machine.unread > 0,
      },
      at,
    );
    const midnight = new Date(at).setHours(24, 0, 0, 0) - at;
    timer = browserEnv.setTimer(draw, Math.min(midnight, line?.again ? line.again - now() : Infinity));
  }

  function speak(): void {
    const region = regionOf(locale);
    times = new Times(region, strings);
    panel.node.lang = locale;
    panel.speak(strings);
    log.speak(strings, times);
    composer.speak(strings, region);
    draw();
  }

  function open(focus: boolean): void {
    if (panel.open) return;
    panel.show(() => composer.focus(), focus);
    composer.fit();
    tab.set(OPEN, '1');
    shell.opened(true);
    conversation.start();
    log.follow();
    draw();
  }

  const chat: Chat = {
    open: () => open(true),
    close() {
      if (!panel.open) return;
      const inside = panel.hide();
      tab.remove(OPEN);
      shell.opened(false);
      if (inside) shell.focusLauncher();
    },
    identify: (identity) => conversation.identify(identity),
    setLocale(name, given) {
      locale = name;
      strings = given;
      speak();
    },
    reset() {
      tab.remove(DRAFT);
      composer.clear();
      conversation.reset();
    },
    destroy() {
      unwatch();
      watch.abort();
      browserEnv.clearTimer(timer);
      panel.destroy();
      conversation.destroy();
    },
  };

  shell.adopt(CSS);
  shell.box.append(panel.node);
  speak();
  const unwatch = watchPage(conversation);
  const { signal } = watch;
  document.addEventListener('visibilitychange', draw, { signal });
  window.addEventListener('pageshow', draw, { signal });
  window.addEventListener(
    'storage',
    ({ key, newValue, storageArea }) => {
      if (!storageArea || storageArea !== localDisk()) return;
      // `key` is null when everything was cleared.
      const name = key === null ? '' : key.startsWith(store.prefix) ? key.slice(store.prefix.length) : undefined;
      if (name === '' || name?.startsWith('.')) conversation.stored(name, newValue);
    },
    { signal },
  );
  if (session.started) {
    session.start();
    conversation.start();
    // The visitor has it open on the last page of this tab; a phone shows the page that was asked for.
    if (tab.get(OPEN) && !matchMedia('(max-width: 480px)').matches) open(false);
  }
  return chat;
}

/** `localStorage`, where the browser lets us have it. */
function localDisk(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}
