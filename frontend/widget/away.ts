// What a visitor can do while nobody works, or when it takes too long: leave a message and an e-mail address. A file of its
// own with its texts, fetched when it is shown; it brings the launcher's hiding of a closed site as well.
import CSS from './style/away.css?inline';
import type { Init, LeaveEmail, Queue, ServerFrame } from '../shared/wire/types.ts';
import type { composer as makeComposer } from './composer.ts';
import type { panel as makePanel } from './panel.ts';
import type { Shell } from './shell.ts';
import type { Times } from './times.ts';

/** Nobody knows when it opens. */
const NEVER = Number.MAX_SAFE_INTEGER;

type Composer = ReturnType<typeof makeComposer>;
type Panel = ReturnType<typeof makePanel>;

type Words = [
  closedUntil: (when: string) => string,
  closed: string,
  long: string,
  ask: string,
  name: string,
  optional: string,
  email: string,
  message: string,
  noEmail: string,
  noMessage: string,
  refused: string,
  send: string,
  sending: string,
  back: string,
  thanks: (email: string) => string,
  opens: (when: string) => string,
  more: string,
];

const WORDS: Record<string, Words> = {
  en: [
    (when) => `We are closed until ${when}.`,
    'We are closed right now.',
    'It takes longer than usual.',
    'Leave your e-mail and we will get back to you.',
    'Name',
    'optional',
    'E-mail',
    'Message',
    'Enter an e-mail address such as name@example.com.',
    'Write a message.',
    'This could not be sent. Check it and try again.',
    'Send',
    'Sending…',
    'Keep waiting here',
    (email) => `Thanks. We will get back to you at ${email}.`,
    (when) => ` We open again ${when}.`,
    'Write another message',
  ],
  'zh-CN': [
    (when) => `我们已下班，${when} 恢复服务。`,
    '我们现在不在线。',
    '等待时间比平时长。',
    '留下您的邮箱，我们会联系您。',
    '姓名',
    '选填',
    '邮箱',
    '留言',
    '请输入邮箱地址，例如 name@example.com。',
    '请填写留言内容。',
    '发送失败，请检查后重试。',
    '发送',
    '正在发送…',
    '继续在此等待',
    (email) => `谢谢！我们会通过 ${email} 联系您。`,
    (when) => `${when} 恢复服务。`,
    '继续留言',
  ],
};

/** Why it is shown: the place in the line, or the time in which it is closed. */
type Reason = Pick<Queue, 'opensAt'> | [from: number, until: number];

export interface AwayForm {
  /** `reason`: nobody works, or it takes too long; `isFirst`: nothing was written yet. */
  _draw(reason: Reason | false | undefined, now: number, isFirst: boolean): void;
  /** The visitor asks for it. */
  _open(): void;
  _heard(frame: ServerFrame): void;
}

/** Under the log, in the place of the field. */
export function form(
  { kit, adopt }: Shell,
  { _node: panel, _announce }: Pick<Panel, '_node' | '_announce'>,
  { _node: composer, _clear, _fit }: Pick<Composer, '_node' | '_clear' | '_fit'>,
  say: (form: Init<LeaveEmail>) => void,
  speech: () => [locale: string, times: Times],
): AwayForm {
  const { el, button } = kit;
  adopt(CSS);
  const draft = composer.querySelector('textarea')!;
  let words: Words = WORDS.en!;
  let shown = false;
  /** The visitor has asked for it, or does not want it; `undefined`: it comes and goes by itself. */
  let asked: boolean | undefined;
  let before: boolean | undefined;
  /** Why it came, for as long as a Room that has slept does not know it. */
  let held: Reason | false | undefined;
  /** Why it came last: nothing was written yet, or the time at which it opens, 0 where it takes too long. */
  let cause: number | boolean;
  let first = true;
  /** When it opens, as far as was told while it mattered. */
  let opensAt = 0;
  let opens = '';
  let pending: Init<LeaveEmail> | undefined;
  let timer = 0;
  let done = '';

  const field = <E extends HTMLInputElement | HTMLTextAreaElement>(input: E, id: string) => {
    const label = el('label', '', { for: id });
    const fault = el('p', 'fault', { id: id + '-fault' });
    input.id = id;
    input.dir = 'auto';
    input.setAttribute('aria-describedby', id + '-fault');
    return { _input: input, _label: label, _fault: fault, _node: el('div', '', {}, label, input, fault) };
  };
  const name = field(el('input', '', { autocomplete: 'name', maxlength: '100' }), 'away-name');
  const email = field(el('input', '', { type: 'email', autocomplete: 'email', required: '', maxlength: '254' }), 'away-email');
  const message = field(el('textarea', '', { rows: '3', maxlength: '8000' }), 'away-message');
  const head = el('p', 'why');
  const lead = el('p');
  const submit = el('button', 'primary');
  const goOn = () => {
    done = '';
    asked = false;
    show(false);
    // Not every browser gives it to a button that is pressed.
    draft.focus();
  };
  const back = button('text', goOn);
  back.type = 'button';
  const form = el('form', '', { novalidate: '' }, head, lead, name._node, email._node, message._node, el('div', 'does', {}, submit, back));
  const thanks = el('p', 'why', { tabindex: '-1' });
  const more = button('text', goOn);
  const over = el('div', '', {}, thanks, more);
  const node = el('div', 'away', { role: 'group', dir: 'auto' }, form, over);
  composer.before(node);

  const fault = ({ _input, _fault }: { _input: HTMLInputElement | HTMLTextAreaElement; _fault: HTMLElement }, said: string) => {
    _fault.textContent = said;
    _input.ariaInvalid = said ? 'true' : null;
    return said ? _input : undefined;
  };
  const show = (now: boolean) => {
    const had = [composer, node].some((it) => it.contains((panel.getRootNode() as ShadowRoot).activeElement));
    shown = now;
    form.hidden = !!done;
    over.hidden = !done;
    node.hidden = !now;
    panel.classList.toggle('asks', now);
    // What is not shown has no height.
    if (!now) _fit();
    else if (!done) message._input.value = draft.value;
    // Whoever writes goes on writing.
    if (had) (!now ? draft : done ? thanks : message._input).focus();
  };
  const speak = () => {
    words = WORDS[speech()[0]] ?? words;
    const optional = ` (${words[5]})`;
    name._label.textContent = words[4] + optional;
    email._label.textContent = words[6];
    message._label.textContent = words[7] + (first ? '' : optional);
    message._input.required = first;
    lead.textContent = words[3];
    submit.textContent = pending ? words[12] : words[11];
    submit.disabled = !!pending;
    back.textContent = words[13];
    back.hidden = first;
    more.textContent = words[16];
    thanks.textContent = done && words[14](done) + opens;
  };

  // The field below keeps what was written, for this tab's next page.
  message._input.oninput = () => {
    draft.value = message._input.value;
    draft.dispatchEvent(new Event('input'));
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    if (pending) return;
    const [address, text] = [email._input.value.trim(), message._input.value.trim()];
    const wrong = [
      fault(email, /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(address) ? '' : words[8]),
      fault(message, text || !first ? '' : words[9]),
    ].find(Boolean);
    if (wrong) return wrong.focus();
    pending = { clientId: newId(), name: name._input.value.trim(), email: address, text };
    speak();
    say(pending);
  };

  return {
    _draw(reason, now, isFirst) {
      first = isFirst;
      reason ??= !first && held;
      /** It is closed until then. */
      const until = (reason && (reason as number[])[1]) as number | undefined;
      // While an agent is in the conversation nothing takes the field away: not everybody who answers has claimed it. Nor does it
      // come in the middle of a sentence, as long as somebody may read it.
      const wanted = reason && ((until as unknown as true) || !(panel.querySelector('.here') || (!before && draft.value && draft.matches(':focus'))));
      const [locale, times] = speech();
      words = WORDS[locale] ?? words;
      // Once the address is left there is no reason any more, and it is closed all the same.
      if (reason || !(done || pending)) opensAt = reason ? (until ?? (reason as Queue).opensAt) : 0;
      const when = opensAt > now && opensAt < NEVER ? `${dayOf(opensAt, now, locale)} ${times._time(opensAt)}` : '';
      const why = wanted && when ? words[0](when) : until ? words[1] : wanted ? words[2] : '';
      opens = when && words[15](when);
      if (!pending) head.textContent = why;
      // What was declined is offered again for another reason, or once the conversation has ended; that there is none for a moment is
      // no other: a Room that has slept learns it anew.
      const kind = isFirst || opensAt;
      if ((isFirst || wanted) && kind !== cause) {
        asked = undefined;
        cause = kind;
      }
      // Nor does what was asked for stay over an agent.
      if (before && !wanted) asked &&= undefined;
      before = wanted;
      held = !first && wanted && reason;
      speak();
      const next = !!(done || pending || (asked ?? wanted));
      if (next === shown) return;
      show(next);
      if (next) _announce(`${why} ${words[3]}`);
    },
    _open() {
      asked = true;
      done = '';
      // Only who waits can ask for it.
      first = false;
      speak();
      show(true);
      email._input.focus();
    },
    _heard({ welcome, done: did, error, state = welcome?.state }) {
      // Whoever has an agent does not wait: the Room tells of no place that it has forgotten.
      if (state?.assignee) held = false;
      if (!pending) return;
      const answered = (did ?? error)?.clientId === pending.clientId;
      // It may not have arrived; twice is once. A panel that is gone says nothing, for that would bring its line back.
      const again = () => pending && node.isConnected && say(pending);
      if (welcome || answered) clearTimeout(timer);
      if (welcome) again();
      if (!answered) return;
      if (error?.retryable) return void (timer = setTimeout(again, error.retryAfterMs || 1000) as unknown as number);
      let next: HTMLElement | undefined = thanks;
      if (did) {
        done = pending.email!;
        message._input.value = '';
        _clear();
      } else next = fault(error!.code === 'bad_request' ? email : message, words[10]);
      pending = asked = undefined;
      speak();
      if (did) show(true);
      // Whoever is in a field of the page's meanwhile stays there. (A button that was disabled has lost it to the body.)
      if (document.activeElement?.matches('body,bellhop-chat')) next?.focus();
      else _announce(did ? thanks.textContent! : words[10]);
    },
  };
}

/** Today, tomorrow, a weekday, or the date. */
function dayOf(at: number, now: number, locale: string): string {
  // Noon to noon: a day may have 23 or 25 hours.
  const noon = (of: number) => new Date(of).setHours(12, 0, 0, 0);
  const days = Math.round((noon(at) - noon(now)) / 86_400_000);
  if (days < 2) return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(days, 'day');
  return new Intl.DateTimeFormat(locale, days < 7 ? { weekday: 'long' } : { dateStyle: 'long' }).format(at);
}

/** As in shared/client-id.ts, which would be a file of its own if both had it. */
const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(20)), (byte) => (byte & 31).toString(32)).join('');

/** Disables the launcher of a site, which hides it, while it is closed and the visitor has no conversation; says when it opens to nobody. */
export async function hide(origin: string, site: string, launcher: HTMLButtonElement, stored: () => unknown): Promise<void> {
  const look = (closed: [number, number][]) => {
    const now = Date.now();
    const span = closed.find(([from, until]) => from <= now && now < until);
    launcher.disabled = !!span && !stored();
    const next = closed.flat().find((at) => at > now && at < NEVER);
    // A timer takes no more than 24 days, and sleeps with the machine.
    if (next) setTimeout(look, Math.min(next - now, 60_000), closed);
  };
  try {
    const reply = await fetch(origin + '/v1/session', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      credentials: 'omit',
      body: JSON.stringify({ site }),
    });
    look((await reply.json()).site.closed);
  } catch {
    // Better a launcher too many than nobody to talk to.
    launcher.disabled = false;
  }
}
