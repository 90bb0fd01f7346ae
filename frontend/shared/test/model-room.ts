// What the server promises a client, in as few lines as it takes: the other half of the machine's tests.
import { blank, codec, fieldsOf } from '../wire/codec.ts';
import { FULL_TABLE } from '../wire/table.ts';
import { SenderKind } from '../wire/types.ts';
import type { AgentFrame, ClientFrame, Init, Message, Participant } from '../wire/types.ts';

const wire = codec(FULL_TABLE);

export const VISITOR: Participant = { kind: SenderKind.VISITOR, id: '', name: '', picture: '' };
export const AGENT: Participant = { kind: SenderKind.AGENT, id: 'agt_1', name: 'Mei', picture: '' };

/** A frame as it comes out of the codec, made from what is not default. */
export function frame(given: Init<AgentFrame>): AgentFrame {
  return wire.decode('AgentFrame', wire.encode('AgentFrame', given));
}

export function message(seq: number, sender = AGENT, clientId = '', text = 'm' + seq): Message {
  return { ...(blank(fieldsOf(wire.shape, 'Message')) as unknown as Message), seq, id: 'msg_' + seq, sender, at: seq, clientId, text };
}

export class ModelRoom {
  epoch = 1;
  log: Message[] = [];
  pageSize = 100;

  append(text: string, sender: Participant, clientId = ''): Message {
    const made = message(this.log.length + 1, sender, clientId, text);
    this.log.push(made);
    return made;
  }

  /** Loses the end of its log, as a restored backup does. */
  restore(length: number): void {
    this.log.length = length;
    this.epoch++;
  }

  /** The answers to the visitor that sent `sent`. */
  answer(sent: Init<ClientFrame>): AgentFrame[] {
    if (sent.hello) {
      const { logEpoch = 0, after = 0, tip = '' } = sent.hello;
      const same = logEpoch === this.epoch && (after === 0 || this.log[after - 1]?.id === tip);
      const missed = this.log.slice(same ? after : 0);
      const messages = missed.slice(-this.pageSize);
      const reset = logEpoch !== 0 && !same;
      return [frame({ welcome: { logEpoch: this.epoch, head: this.log.length, you: VISITOR, messages, more: messages.length < missed.length, reset } })];
    }
    if (sent.send) {
      const { clientId = '', text = '' } = sent.send;
      const { seq, at, id } = this.log.find((one) => one.clientId === clientId) ?? this.append(text, VISITOR, clientId);
      return [frame({ ack: { clientId, seq, at, id } })];
    }
    if (sent.page) {
      const { before = 0 } = sent.page;
      const older = this.log.slice(0, before - 1);
      const messages = older.slice(-this.pageSize);
      return [frame({ page: { before, messages, more: messages.length < older.length } })];
    }
    return [];
  }
}
