// What only a bot needs, in a file of its own, which is fetched with the first message that has buttons or that grows.
//
// The buttons under a bot's message stand at the end of the log as long as nobody has written after it, and pressing one writes what it
// says. What it is writing stands there as well, as plain text that nobody reads out, until its message takes its place.
import CSS from './style/offer.css?inline';
import type { ConversationLog } from '../shared/conversation-log.ts';
import { Growing } from '../shared/growing.ts';
import type { Message, ServerFrame } from '../shared/wire/types.ts';
import type { composer as makeComposer } from './composer.ts';
import type { Conversation } from './conversation.ts';
import type { logView } from './log-view.ts';
import type { panel as makePanel } from './panel.ts';
import type { Shell } from './shell.ts';

/** What the group is called, and who writes. */
const WORDS: Record<string, [group: string, bot: string]> = { en: ['Suggested replies', 'Bot'], 'zh-CN': ['快捷回复', '机器人'] };
/** What was said longer ago is history, which nobody reads out. */
const NEW_MS = 60_000;

export interface Offer {
  /** Draws what may be chosen now; `going`: the conversation has not ended. */
  _draw(log: ConversationLog, going: boolean): void;
  /** Whatever comes, from the first frame on that speaks of something growing. */
  _heard(frame: ServerFrame): void;
}

export function offer(
  { kit: { el, button }, adopt }: Pick<Shell, 'kit' | 'adopt'>,
  { _node: panel, _announce }: Pick<ReturnType<typeof makePanel>, '_node' | '_announce'>,
  { _node: middle, _follow, _following }: Pick<ReturnType<typeof logView>, '_node' | '_follow' | '_following'>,
  { _focus }: Pick<ReturnType<typeof makeComposer>, '_focus'>,
  conversation: Pick<Conversation, 'write'>,
): Offer {
  adopt(CSS);
  const scroll = middle.firstElementChild!;
  const node = el('div', 'offer', { role: 'group' });
  const growing = new Growing();
  const name = el('span', 'sr');
  const written = el('div', 'bubble', { dir: 'auto' });
  const grows = el('div', 'bubble-row first', {}, name, written);
  /** The message whose they are. */
  let drawn: string | undefined;

  const draw = (message?: Message) => {
    const hadFocus = node.contains((panel.getRootNode() as ShadowRoot).activeElement);
    drawn = message?.id;
    node.replaceChildren(...(message?.choices ?? []).map(({ id, label }) => button('', () => press(id, label), el('bdi', '', {}, label))));
    if (!hadFocus) return;
    // Whoever goes on by keyboard goes on in the field; a touch screen gets no keyboard that nobody asked for.
    if (matchMedia('(pointer: coarse)').matches) panel.focus();
    else _focus();
  };

  const press = (id: string, label: string) => {
    // At once: a second press means nothing.
    draw();
    conversation.write(label, id);
    _follow();
  };

  const grow = () => {
    const { text } = growing;
    if (written.textContent === text) return;
    const follows = _following();
    written.textContent = text;
    if (text) node.before(grows);
    else {
      // Its message stands there already: it is not new to whoever has seen it grow.
      grows.previousElementSibling?.classList.remove('new');
      grows.remove();
    }
    if (follows) _follow();
  };

  return {
    _draw(log, going) {
      const message = going ? offering(log) : undefined;
      const [title, bot] = WORDS[panel.lang] ?? WORDS.en!;
      node.ariaLabel = title;
      name.textContent = bot + ': ';
      // A change of language empties the log.
      if (node.parentNode !== scroll) scroll.append(...(growing.text ? [grows] : []), node);
      if (message?.id === drawn) return;
      const follows = _following();
      draw(message);
      if (follows) _follow();
      if (message && message.at + NEW_MS > Date.now() + log.clockAhead) _announce(`${title}: ${message.choices.map(({ label }) => label).join(', ')}`);
    },

    _heard(frame) {
      growing.receive(frame);
      grow();
    },
  };
}

/** The message whose buttons may be pressed: the newest, until a person has come or something is on its way. */
export function offering({ run, outbox, state }: Pick<ConversationLog, 'run' | 'outbox' | 'state'>): Message | undefined {
  const said = run.entries.findLast(({ text }) => text !== undefined);
  return said?.choices[0] && !outbox.items.length && !state?.assignee ? said : undefined;
}
