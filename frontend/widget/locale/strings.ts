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
  someone: string;
  /** Before a message that is read aloud. */
  says(name: string): string;
  newMessages: string;
  latest: string;
  loading: string;
  /** For a site that has no greeting of its own. */
  greeting: string;
  nobodyHere: string;
  somebodyHere(names: string): string;
  assigned(name: string): string;
  typing(name: string): string;
  today: string;
  yesterday: string;
  waiting: string;
  sending: string;
  sent: string;
  delivered: string;
  read: string;
  failed: string;
  failedTooLong: string;
  tryAgain: string;
  remove: string;
  tooLong(length: string, most: string): string;
  connecting: string;
  reconnecting: string;
  offline: string;
  busy: string;
  slowDown: string;
  /** Follows one of the last four. */
  inSeconds(seconds: number): string;
  tryNow: string;
  blocked: string;
  elsewhere: string;
  continueHere: string;
  unavailable: string;
  joined(name: string): string;
  left(name: string): string;
  resolved: string;
  reopened: string;
}
