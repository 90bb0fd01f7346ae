// What the bot is writing, as far as it has got: no entry of the log, until a message of the bot's takes its place (CL22). Pure.
import type { SenderKind, ServerFrame } from './wire/types.ts';

/** By its number: a value would make the chat and the file that reads this share a third one. */
const BOT: SenderKind.BOT = 3;

export class Growing {
  /** Empty: nothing. */
  text = '';

  /** Takes whatever the server says after a welcome that had something to say of it, or from the first piece on. A cut line takes nothing away. */
  receive({ grow, welcome, message }: Pick<ServerFrame, 'grow' | 'welcome' | 'message'>): void {
    // Of what was not heard from its beginning nothing is known before the next welcome.
    if (grow) this.text = grow.offset ? this.text && this.text + grow.text : grow.text;
    else if (welcome) this.text = welcome.growing;
    else if (message?.sender?.kind === BOT) this.text = '';
  }
}
