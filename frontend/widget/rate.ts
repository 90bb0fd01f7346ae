// "Did this help?" under an answer of the bot's, as long as it is the newest message. Part of the file with the bot's buttons.
import type { ConversationLog } from '../shared/conversation-log.ts';
import type { Message, Rating, ServerFrame, Status } from '../shared/wire/types.ts';
import type { Conversation } from './conversation.ts';
import type { Kit } from './kit.ts';

// As in the protocol. A type costs nothing; with the values of these a file more would be fetched, which both share.
const ASKED: Rating.RATING_ASKED = 1;
const HELPFUL: Rating.HELPFUL = 2;
export const UNHELPFUL: Rating.UNHELPFUL = 3;
export const PENDING: Status.PENDING = 1;
const RESOLVED: Status.RESOLVED = 4;
/** The built-in intent of whoever wants a person. */
export const HUMAN = 'human';
const ENGLISH: readonly string[] = ['Did this help?', 'Yes, it helped', 'No, it did not help', 'Thanks for telling us.', 'Thanks for telling us. Would you like to talk to a person?', 'Talk to a person'];
const CHINESE: readonly string[] = ['这个回答有帮助吗？', '有帮助', '没有帮助', '感谢您的反馈。', '感谢您的反馈。需要转人工吗？', '转人工'];
const wordsIn = (lang: string) => (lang === 'zh-CN' ? CHINESE : ENGLISH);
/** What the button says that leads to a person, wherever it stands. */
export const personIn = (lang: string) => wordsIn(lang)[5]!;
/** A hand with its thumb up. */
const THUMB = 'M7 11H3v9h4m0-9l4-8a3 3 0 0 1 3 3v4h5a2 2 0 0 1 2 2l-2 7a2 2 0 0 1-2 1H7z';

export function rate({ el, button, icon }: Kit, announce: (said: string) => void, press: (id: string, label: string) => void, keeping: (change: () => void) => void, { connection }: Pick<Conversation, 'connection'>) {
  /** The verdict that was given here, until it has arrived: with each new line it is said again. Later it would undo a newer one of another page. */
  let given: { id: string; helpful: boolean; clientId: string } | undefined;
  let told: unknown;
  let shown: Message | undefined;
  let words = ENGLISH;
  let withPerson = false;

  const judge = (helpful: boolean) => {
    given = { id: shown!.id, helpful, clientId: 'rate' + Date.now() };
    shown!.rating = helpful ? HELPFUL : UNHELPFUL;
    told = undefined;
    tell([shown!]);
    keeping(paint);
    announce(text.textContent!);
  };
  const text = el('span', '', { dir: 'auto' });
  const thumb = (helpful: boolean) => button(helpful ? '' : 'turned', () => judge(helpful), icon(THUMB));
  const thumbs = [thumb(true), thumb(false)] as const;
  const person = button('', () => press(HUMAN, words[5]!), el('bdi'));
  const node = el('div', 'rate', { role: 'group' }, text, ...thumbs, person);

  const tell = (entries: readonly Message[]) => {
    const { state } = connection;
    const message = entries.find(({ id }) => id === given?.id);
    if (!message || state.kind !== 'live' || state === told) return;
    told = state;
    connection.send({ rate: { ...given, seq: message.seq } });
  };
  const paint = () => {
    node.hidden = !shown;
    if (!shown) return;
    const { rating, choices } = shown;
    const down = rating === UNHELPFUL;
    const offers = down && withPerson && !choices.some(({ id }) => id === HUMAN);
    const says = words[offers ? 4 : rating > ASKED ? 3 : 0]!;
    if (text.textContent !== says) text.textContent = says;
    node.ariaLabel = words[0]!;
    thumbs.forEach((one, place) => {
      one.ariaLabel = words[place + 1]!;
      one.ariaPressed = String(rating === HELPFUL + place);
    });
    person.hidden = !offers;
    person.firstChild!.textContent = words[5]!;
  };

  return {
    _node: node,
    _heard({ done }: Pick<ServerFrame, 'done'>) {
      if (done?.clientId === given?.clientId) given = undefined;
    },
    /** Whether what is shown is another one now. */
    _draw(log: ConversationLog, lang: string): boolean {
      const before = shown;
      words = wordsIn(lang);
      shown = rateable(log);
      // Who waits for people, or has one, needs no other.
      withPerson = log.state?.status === PENDING || log.state?.status === RESOLVED;
      paint();
      tell(log.run.entries);
      return shown?.id !== before?.id;
    },
  };
}

/** The bot's newest message, until somebody has written after it, a person has come or something is on its way. */
export function newest({ run, outbox, state }: Pick<ConversationLog, 'run' | 'outbox' | 'state'>): Message | undefined {
  return outbox.items.length || state?.assignee ? undefined : run.entries.findLast(({ text }) => text !== undefined);
}

/** That, if it is an answer of which the visitor may say whether it helped. */
export function rateable(log: Pick<ConversationLog, 'run' | 'outbox' | 'state'>): Message | undefined {
  const said = newest(log);
  return said?.rating ? said : undefined;
}
