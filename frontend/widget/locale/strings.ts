// Every text that the chat shows. Both languages implement it, so none can lack one.

export interface Strings {
  /** Used until the site's own name is known. */
  title: string;
  close: string;
  log: string;
  placeholder: string;
  message: string;
  send: string;
  you: string;
  newMessages: string;
  loadingOlder: string;
  nobodyHere: string;
  somebodyHere(names: string): string;
  typing(name: string): string;
  someone: string;
  today: string;
  yesterday: string;
  sending: string;
  waitingToSend: string;
  sent: string;
  delivered: string;
  read: string;
  failed: string;
  failedTooLong: string;
  failedBlocked: string;
  tryAgain: string;
  remove: string;
  tooLong(length: string, most: string): string;
  connecting: string;
  reconnecting: string;
  offline: string;
  busy(seconds: number): string;
  slowDown(seconds: number): string;
  blocked: string;
  elsewhere: string;
  continueHere: string;
  unavailable: string;
  joined(name: string): string;
  left(name: string): string;
  resolved: string;
  reopened: string;
}
