// The chat itself, fetched when it is needed: puts conversation, panel, log and field together. (The style sheet comes
// first because it packs better there.)
import CSS from './style/chat.css?inline';
import { browserEnv, listenUntil, watchPage } from '../shared/browser-env.ts';
import { SenderKind, Status } from '../shared/wire/types.ts';
import type { AwayForm } from './away.ts';
import { composer } from './composer.ts';
import { cut, openConversation } from './conversation.ts';
import { borrow } from './kit.ts';
import { lineOf } from './line.ts';
import { Say } from './locale/strings.ts';
import type { Strings } from './locale/strings.ts';
import { logView } from './log-view.ts';
import type { Offer } from './offer.ts';
import { panel } from './panel.ts';
import { placeOf } from './place.ts';
import { nameOf, rowsOf } from './rows.ts';
import { openSession } from './session.ts';
import type { Chat, Shell } from './shell.ts';
import { DRAFT, OPEN } from './storage.ts';
import { regionOf, timesOf } from './times.ts';
import type { Times } from './times.ts';

/** Builds the chat into the launcher's shadow tree. */
export function start(shell: Shell, locale: string, strings: Strings): Chat {
  const { store, tab, box } = shell;
  borrow(shell.kit);
  const watch = new AbortController();
  const { signal } = watch;
  const on = listenUntil(signal);
  let times: Times;
  let timer: number | undefined;
  let drawing: boolean | undefined;
  let form: AwayForm | undefined;
  let offers: Promise<Offer | undefined> | undefined;

  const session = openSession({ ...shell, changed: draw });

  const conversation = openConversation({
    env: browserEnv,
    store,
    session,
    context: () => ({
      pageUrl: cut(location.href),
      pageTitle: cut(document.title),
      referrer: cut(document['referrer']),
      locale,
      timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    }),
    changed: draw,
    forgotten: shell._renew,
    arrived({ id, sender, text, at }) {
      const from = nameOf(sender, strings);
      window_._announce(from + ': ' + text);
      shell.emit('message', { id, from, text, at });
    },
    failed: () => window_._announce(strings[Say.failed]),
    heard(frame) {
      form?._heard(frame);
      // It hears them in their order, however long it takes to come.
      if (offers || frame.grow || frame.welcome?.growing) bots((it) => it._heard(frame));
    },
  });

  const { connection } = conversation;

  const log = logView({
    _older: conversation.older,
    _retry(clientId) {
      field._focus();
      conversation.retry(clientId);
    },
    _remove(clientId) {
      field._focus();
      conversation.remove(clientId);
    },
    _atEnd: draw,
    _happened: (text) => window_._announce(text),
  });

  const field = composer(
    {
      _send(text) {
        conversation.write(text);
        log._follow();
      },
      _input(text) {
        conversation.typing(text.trim() !== '');
        tab.set(DRAFT, text);
      },
    },
    tab.get(DRAFT) ?? '',
  );

  const window_ = panel(
    {
      _close: () => chat.close(),
      _leave: conversation.leave,
      _instead: () => void ask().then((it) => it._open(), () => window_._place(strings[Say.waiting])),
      _act: () => (connection.state.kind === 'stopped' ? connection.restart() : connection.check()),
      _composing: field._composing,
    },
    log._node,
    field._node,
    on,
  );

  /** The form, as soon as it is here. */
  const ask = () => shell._load('away').then((made) => (form ??= made.form(shell, window_, field, conversation.leaveEmail, () => [locale, times])));

  /** Tells what a bot needs; where that can't be had it is asked for again a while later. */
  const bots = (tell: (it: Offer) => void) =>
    void (offers ??= shell._load('offer').then(
      (made) => made.offer(shell, window_, log, field, conversation),
      () => void setTimeout(() => (offers = undefined), 20_000),
    )).then((it) => it && tell(it));

  /** Draws once, however much has changed. */
  function draw() {
    if (drawing) return;
    drawing = true;
    queueMicrotask(() => {
      drawing = false;
      if (!signal.aborted) paint();
    });
  }

  const paint = () => {
    const { log: machine } = conversation;
    const { state } = connection;
    const live = state.kind === 'live';
    const kept = session.kept();
    const { name, greeting, color } = kept?.site ?? {};
    const at = Date.now() + machine.clockAhead;
    shell.setColor(color);

    if (window_._node.open && !document.hidden && log._following()) conversation.markRead();
    shell.unread(machine.unread);
    clearTimeout(timer);
    if (!window_._node.open) return;

    // Without a line nobody knows who is there.
    const agents = ((live && machine.presence?.agents) || []).map((one) => nameOf(one, strings)).slice(0, 3);
    const title = name || strings[Say.title];
    const status = machine.state?.status;
    const going = !!machine.run.last && status !== Status.RESOLVED;
    window_._head(title, agents[0] ? strings[Say.somebodyHere](agents.join(strings[Say.comma])) : strings[Say.nobodyHere], agents[0], going, live);
    window_._place(live ? placeOf(machine, at, strings, times) : '');
    const line = lineOf(state, Date.now(), kept && !kept.started, machine.outbox.heldUntil, strings);
    window_._line(line);
    const waits = kept?.started && !machine.welcomed;
    const loading = (waits && state.kind !== 'stopped') || machine.paging;
    log._draw(rowsOf({ log: machine, live, now: at, title, greeting: machine.run.older || waits ? '' : greeting || strings[Say.greeting], _loading: loading }, strings, times), loading, machine.unread);
    // Where they can't be had, what they say can be written.
    if (offers || status === Status.PENDING || machine.run.entries.some((it) => it.sender?.kind === SenderKind.BOT || it.activity?.subject?.picture) || machine.state?.assignee?.picture) bots((it) => it._draw(machine, going));
    // Nobody works, or it takes long.
    const wanted = going ? machine.queue?.form && machine.queue : !waits && kept?.site?.closed?.find(([from, until]) => from <= at && at < until);
    form?._draw(wanted, at, !going);
    if (wanted && !form) void ask().then(draw);
    // It may close, or open, with nothing else happening.
    timer = setTimeout(draw, line?._rest ? 1000 : 20_000) as unknown as number;
  };

  const speak = () => {
    times = timesOf(regionOf(locale), strings);
    window_._speak(strings, locale);
    log._speak(strings);
    field._speak(strings);
    draw();
  };

  const open = (focus: unknown) => {
    if (window_._node.open) return;
    window_._show(focus, field._focus);
    field._fit();
    tab.set(OPEN, '1');
    shell.opened(true);
    connection.start();
    log._follow();
  };

  const chat: Chat = {
    open,
    close() {
      if (!window_._node.open) return;
      window_._node.close();
      tab.remove(OPEN);
      shell.opened(false);
    },
    identify: conversation.identify,
    setLocale(name, given) {
      locale = name;
      strings = given;
      speak();
      conversation._greet();
    },
    destroy() {
      watch.abort();
      conversation.destroy();
      window_._node.remove();
      shell.unread(0);
    },
  };

  shell.adopt(CSS);
  box.append(window_._node);
  speak();
  watchPage(connection, signal);
  on(document, 'visibilitychange', draw);
  // `key` is null when everything was cleared: that forgets nobody (SE5).
  on(window, 'storage', ({ key, newValue }: StorageEvent) => conversation.stored(key?.split(store.prefix)[1], newValue));
  // The visitor had it open on the last page of this tab; a phone shows the page that was asked for.
  if (conversation.resume() && tab.get(OPEN) && !window_._full.matches) open(false);
  return chat;
}
