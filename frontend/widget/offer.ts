// What only a bot needs, in a file of its own, which is fetched when a bot has the conversation (`person.ts`), and with the first message
// that is a bot's, which may have buttons or a picture (`faces.ts`) or may be rated (`rate.ts`), or that grows; and the pictures of agents,
// where one has come who has one.
//
// The buttons under a bot's message stand at the end of the log as long as nobody has written after it, and pressing one writes what it
// says. What it is writing stands there as well, as plain text that nobody reads out, until its message takes its place.
import CSS from './style/offer.css?inline';
import type { ConversationLog } from '../shared/conversation-log.ts';
import { Growing } from '../shared/growing.ts';
import type { Message, ServerFrame } from '../shared/wire/types.ts';
import type { composer as makeComposer } from './composer.ts';
import type { Conversation } from './conversation.ts';
import { faces, isNew } from './faces.ts';
import type { logView } from './log-view.ts';
import type { panel as makePanel } from './panel.ts';
import { person } from './person.ts';
import { newest, rate } from './rate.ts';
import type { Shell } from './shell.ts';

/** What the group is called, and who writes. */
const WORDS: Record<string, [group: string, bot: string]> = { en: ['Suggested replies', 'Bot'], 'zh-CN': ['快捷回复', '机器人'] };

export interface Offer {
  /** Draws what may be chosen now; `going`: the conversation has not ended. */
  _draw(log: ConversationLog, going: boolean): void;
  /** Whatever comes, from the first frame on that speaks of something growing. */
  _heard(frame: ServerFrame): void;
}

export function offer(
  { kit, adopt, origin }: Pick<Shell, 'kit' | 'adopt' | 'origin'>,
  { _node: panel, _announce }: Pick<ReturnType<typeof makePanel>, '_node' | '_announce'>,
  { _node: middle, _follow, _following }: Pick<ReturnType<typeof logView>, '_node' | '_follow' | '_following'>,
  { _node: field, _focus }: Pick<ReturnType<typeof makeComposer>, '_node' | '_focus'>,
  conversation: Pick<Conversation, 'write' | 'connection' | 'log'>,
): Offer {
  adopt(CSS);
  const { el, button } = kit;
  const scroll = middle.firstElementChild!;
  const node = el('div', 'offer', { role: 'group' });
  const growing = new Growing();
  const name = el('span', 'sr');
  const written = el('div', 'bubble', { dir: 'auto' });
  const grows = el('div', 'bubble-row first', {}, name, written);
  /** The message whose buttons these are. */
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
  const { _node: feedback, _draw, _heard } = rate(kit, _announce, press, keeping, conversation);
  const way = person(kit, press, conversation);
  field.before(way._node);
  const show = faces(kit, origin, _following, _announce);

  const grow = () => {
    const { text } = growing;
    if (written.textContent === text) return;
    keeping(() => {
      written.textContent = text;
      if (text) return feedback.before(grows);
      // Its message stands there already: it is not new to whoever has seen it grow.
      grows.previousElementSibling?.classList.remove('new');
      grows.remove();
    });
  };

  return {
    _draw(log, going) {
      if (conversation.connection.state.kind === 'stopped') {
        growing.text = '';
        grow();
      }
      const message = going ? offering(log) : undefined;
      const [title, bot] = WORDS[panel.lang] ?? WORDS.en!;
      node.ariaLabel = title;
      name.textContent = bot + ': ';
      // A change of language empties the log.
      if (node.parentNode !== scroll) scroll.append(...(growing.text ? [grows] : []), feedback, node);
      const follows = _following();
      const focused = active();
      const changed = _draw(log, panel.lang);
      way._draw(log, panel.lang);
      show(panel, scroll, log, conversation.connection.state.kind === 'live');
      // It has no place on the page any more.
      if (focused && [feedback, way._node].some((it) => it.contains(focused)) && !focused.offsetParent) goOn();
      const isSame = message?.id === drawn;
      if (!isSame) draw(message);
      if (follows && (changed || !isSame)) _follow();
      if (!isSame && message && isNew(message, log)) _announce(`${title}: ${message.choices.map(({ label }) => label).join(', ')}`);
    },

    _heard(frame) {
      _heard(frame);
      growing.receive(frame);
      grow();
    },
  };
}

/** The message whose buttons may be pressed: the newest, until a person has come or something is on its way. */
export function offering(log: Pick<ConversationLog, 'run' | 'outbox' | 'state'>): Message | undefined {
  const said = newest(log);
  return said?.choices[0] ? said : undefined;
}
