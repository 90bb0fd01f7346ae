// The buttons under a bot's message. They stand at the end of the log as long as nobody has written after it, and pressing one
// writes what it says. A file of its own, fetched with the first message that has any, or that may be rated (`rate.ts`).
import CSS from './style/offer.css?inline';
import type { ConversationLog } from '../shared/conversation-log.ts';
import type { Message } from '../shared/wire/types.ts';
import type { composer as makeComposer } from './composer.ts';
import type { Conversation } from './conversation.ts';
import type { logView } from './log-view.ts';
import type { panel as makePanel } from './panel.ts';
import { newest, rate } from './rate.ts';
import type { Shell } from './shell.ts';

/** What the group is called. */
const WORDS: Record<string, string> = { en: 'Suggested replies', 'zh-CN': '快捷回复' };
/** What was said longer ago is history, which nobody reads out. */
const NEW_MS = 60_000;

/** Draws what may be chosen now; `going`: the conversation has not ended. */
export type Offer = (log: ConversationLog, going: boolean) => void;

export function offer(
  { kit, adopt }: Pick<Shell, 'kit' | 'adopt'>,
  { _node: panel, _announce }: Pick<ReturnType<typeof makePanel>, '_node' | '_announce'>,
  { _node: middle, _follow, _following }: Pick<ReturnType<typeof logView>, '_node' | '_follow' | '_following'>,
  { _focus }: Pick<ReturnType<typeof makeComposer>, '_focus'>,
  conversation: Pick<Conversation, 'write' | 'connection'>,
): Offer {
  adopt(CSS);
  const { el, button } = kit;
  const scroll = middle.firstElementChild!;
  const node = el('div', 'offer', { role: 'group' });
  /** The message whose they are. */
  let drawn: string | undefined;

  const active = () => (panel.getRootNode() as ShadowRoot).activeElement as HTMLElement | null;
  /** The focus was in here and goes with what had it: whoever goes on by keyboard goes on in the field; a touch screen gets no keyboard that nobody asked for. */
  const goOn = () => {
    if (matchMedia('(pointer: coarse)').matches) panel.focus();
    else _focus();
  };

  const draw = (message?: Message) => {
    const hadFocus = node.contains(active());
    drawn = message?.id;
    node.replaceChildren(...(message?.choices ?? []).map(({ id, label }) => button('', () => press(id, label), el('bdi', '', {}, label))));
    if (hadFocus) goOn();
  };

  const press = (id: string, label: string) => {
    // At once: a second press means nothing.
    draw();
    conversation.write(label, id);
    _follow();
  };
  const keeping = (change: () => void) => {
    const follows = _following();
    change();
    if (follows) _follow();
  };
  const { _node: feedback, _draw } = rate(kit, _announce, press, keeping, conversation);

  return (log, going) => {
    const message = going ? offering(log) : undefined;
    const title = WORDS[panel.lang] ?? WORDS.en!;
    node.ariaLabel = title;
    // A change of language empties the log.
    if (node.parentNode !== scroll) scroll.append(feedback, node);
    const follows = _following();
    const focused = active();
    const changed = _draw(log, panel.lang);
    // It has no place on the page any more.
    if (focused && feedback.contains(focused) && !focused.offsetParent) goOn();
    const isSame = message?.id === drawn;
    if (!isSame) draw(message);
    if (follows && (changed || !isSame)) _follow();
    if (!isSame && message && message.at + NEW_MS > Date.now() + log.clockAhead) _announce(`${title}: ${message.choices.map(({ label }) => label).join(', ')}`);
  };
}

/** The message whose buttons may be pressed: the newest, until a person has come or something is on its way. */
export function offering(log: Pick<ConversationLog, 'run' | 'outbox' | 'state'>): Message | undefined {
  const said = newest(log);
  return said?.choices[0] ? said : undefined;
}
