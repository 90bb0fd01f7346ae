// Every text that the chat shows, by name. Both languages have them all, in this order: the build leaves the names out
// and keeps a list.

export const enum Say {
  /** Used until the site's own name is known. */
  title,
  close,
  log,
  placeholder,
  message,
  send,
  you,
  someone,
  latest,
  loading,
  /** For a site that has no greeting of its own. */
  greeting,
  nobodyHere,
  somebodyHere,
  typing,
  today,
  yesterday,
  waiting,
  sending,
  sent,
  delivered,
  read,
  failed,
  tryAgain,
  remove,
  connecting,
  reconnecting,
  offline,
  busy,
  slowDown,
  blocked,
  elsewhere,
  continueHere,
  unavailable,
  joined,
  left,
  resolved,
}

/** Those with a name in them. */
type Named = Say.somebodyHere | Say.typing | Say.joined | Say.left;

/** The texts of one language. */
export type Strings = Readonly<Record<Exclude<Say, Named>, string> & Record<Named, (name: string) => string>>;
