// The way to a person that is there as long as the bot has the conversation: a button between log and field, whatever was said
// last. Part of the file with the bot's buttons. Where one of these offers a person already, this one is not shown beside it.
import type { ConversationLog } from '../shared/conversation-log.ts';
import type { SenderKind } from '../shared/wire/types.ts';
import type { Conversation } from './conversation.ts';
import type { Kit } from './kit.ts';
import { HUMAN, newest, PENDING, personIn, UNHELPFUL } from './rate.ts';

type Log = Pick<ConversationLog, 'run' | 'outbox' | 'state'>;

const BOT: SenderKind.BOT = 3;

export function person({ el, button }: Kit, press: (id: string, label: string) => void, { connection }: Pick<Conversation, 'connection'>) {
  /** It was pressed, and nothing has come of it yet. */
  let pressed = false;
  const way = button('', () => {
    pressed = true;
    press(HUMAN, way.textContent!);
  });
  const node = el('div', 'person', { hidden: '' }, way);

  return {
    _node: node,
    _draw(log: Log, lang: string) {
      // People have come, or the bot has gone on, or what it said was refused and thrown away.
      if (log.state?.status !== PENDING || newest(log)?.sender?.kind === BOT) pressed = false;
      // Where writing makes no sense, this makes none.
      node.hidden = pressed || !leads(log) || connection.state.kind === 'stopped';
      way.textContent = personIn(lang);
    },
  };
}

/** Whether it leads anywhere: the bot has the conversation, and offers no person itself at this moment. */
export function leads(log: Log): boolean {
  const { state } = log;
  const said = newest(log);
  return state?.status === PENDING && !state.assignee && said?.rating !== UNHELPFUL && !said?.choices.some(({ id }) => id === HUMAN);
}
