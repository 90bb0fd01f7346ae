// Every text that the chat shows. Both languages implement it, so none can lack one. (Names that begin with _ are
// shortened by the build; they never leave the chat's own modules.)

export interface Strings {
  /** Used until the site's own name is known. */
  _title: string;
  _close: string;
  _log: string;
  _placeholder: string;
  _message: string;
  _send: string;
  _you: string;
  _someone: string;
  _latest: string;
  _loading: string;
  /** For a site that has no greeting of its own. */
  _greeting: string;
  _nobodyHere: string;
  _somebodyHere(names: string): string;
  _typing(name: string): string;
  _today: string;
  _yesterday: string;
  _waiting: string;
  _sending: string;
  _sent: string;
  _delivered: string;
  _read: string;
  _failed: string;
  _tryAgain: string;
  _remove: string;
  _connecting: string;
  _reconnecting: string;
  _offline: string;
  _busy: string;
  _slowDown: string;
  _blocked: string;
  _elsewhere: string;
  _continueHere: string;
  _unavailable: string;
  _joined(name: string): string;
  _left(name: string): string;
  _resolved: string;
}
