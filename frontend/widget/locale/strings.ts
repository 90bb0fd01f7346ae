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
  theVisitor,
  someone,
  bot,
  latest,
  loading,
  /** For a site that has no greeting of its own. */
  greeting,
  nobodyHere,
  /** Between their names. */
  comma,
  somebodyHere,
  isTyping,
  tomorrow,
  today,
  yesterday,
  waiting,
  sending,
  itSent,
  itDelivered,
  itRead,
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
  /** When it ends if the visitor writes nothing. */
  idle,
  endChat,
  place,
  /** Follows it; none are not known. */
  minutes,
  /** Until when. */
  closed,
  instead,
}

/** Those with a name, or a number, in them. */
type Named = Say.somebodyHere | Say.isTyping | Say.joined | Say.left | Say.idle | Say.closed;
type Counted = Say.place | Say.minutes;

/** The texts of one language. */
export type Strings = Readonly<Record<Exclude<Say, Named | Counted>, string> & Record<Named, (name: string) => string> & Record<Counted, (count: number) => string>>;
