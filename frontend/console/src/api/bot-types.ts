// The REST nouns of docs/api.md that are the bot's: what it knows, what it learnt, who answers, and what it did. Times are RFC 3339 text.

/** The workspace's bot. */
export interface Bot {
  enabled: boolean;
  /** The share of right answers that it may hold back, in percent; null: as its model says. */
  hold_back: number | null;
  handoff_team: string | null;
  responder: Responder;
  model: BotModel | null;
  /** What it would learn from is newer than its model. */
  changed: boolean;
  ceilings: Ceilings;
  spent: Spent;
}

/** What a language model may cost; days are those of UTC. */
export interface Ceilings {
  calls_per_day: number;
  tokens_per_day: number;
  tokens_per_answer: number;
  calls_per_conversation: number;
}

/** What it has cost today. */
export interface Spent {
  calls: number;
  tokens: number;
  /** It is not asked any more today. */
  reached: boolean;
}

export type ResponderKind = 'built_in' | 'webhook' | 'model';

/** Who answers. Its key is shown to nobody. */
export interface Responder {
  kind: ResponderKind;
  /** Where it is called. */
  url?: string;
  /** Which model. */
  model?: string;
  key_set: boolean;
}

/** Who is to answer, whole. */
export interface ResponderDraft {
  kind: ResponderKind;
  url?: string;
  model?: string;
  /** Left out, the one that is known stays. */
  key?: string;
}

/** What came of a question to whoever is set to answer. */
export interface Tried {
  ok: boolean;
  /** What it answered with, if it did. */
  status?: number;
  /** A stable name of what went wrong, or of what else there is to say. */
  reason?: string;
  /** The beginning of what it said. */
  text?: string;
  took_ms: number;
}

/** Messages of visitors by what the bot did about them, and the conversations that they were in. */
export interface Turns {
  /** The day, counted from the report's beginning, or an intent; empty: none. */
  key: string;
  answered: number;
  asked: number;
  handed_over: number;
  /** Those of all of them with which the built-in bot stood in for the workspace's own. */
  stood_in: number;
  conversations: number;
  /** Without a person. */
  resolved: number;
  /** Answers of which the visitor said that they helped, and that they did not. */
  helped: number;
  not_helped: number;
}

/** What the bot did from one moment to another, in milliseconds. */
export interface BotReport {
  from: number;
  to: number;
  days: Turns[];
  intents: Turns[];
}

/** What the bot could not answer, or not so that it helped, with everybody who asked it. */
export interface OpenQuestion {
  /** In the words of some of them. */
  texts: string[];
  count: number;
  newest: string;
  /** The nearest intents. */
  near: string[];
  /** The intent that was chosen when the bot asked back. */
  chosen?: string;
  /** So many of them were answered, and it did not help. */
  unhelpful: number;
  /** What people answered where the conversation is resolved, the newest first. */
  answers?: PersonsAnswer[];
  turns: string[];
}

/** What a person answered to a question that the bot did not. */
export interface PersonsAnswer {
  text: string;
  by: string;
  at: string;
  conversation: string;
}

/** An answer that the bot would give. */
export interface Suggestion {
  /** Of an intent, or an entry of the FAQ. */
  id: string;
  title: string;
  text: string;
}

/** A version of what a bot has learnt. */
export interface BotModel {
  version: number;
  hash: string;
  intents: number;
  examples: number;
  /** Percent, by cross-validation. */
  accuracy: number | null;
  /** Percent of right answers that it holds back unless its owner says otherwise. */
  hold_back: number;
  trained_at: string;
  trained_by: { id: string; name: string; };
  current: boolean;
}

/** A text in the two languages that a bot speaks; either may be empty. */
export interface Words {
  en: string;
  zh: string;
}

/** One thing that the bot asks for before an intent is dealt with. */
export interface FormField {
  /** Its name, as `{key}` in the answer. */
  key: string;
  kind: 'order' | 'email' | 'phone' | 'text';
  /** In neither language: the bot asks in words of its own. */
  ask: Words;
}

/** A call to the owner's own system, whose answer is said. */
export interface Action {
  url: string;
  /** Only for visitors whom their site has signed. */
  verified: boolean;
}

/** What an intent is, without its name. */
export interface IntentDraft {
  title: Words;
  answer: Words;
  /** Under it, in each language: its name (hash and size), and behind a blank what stands for it where it is not seen; absent: none. */
  picture?: Words;
  does: 'answer' | 'handoff';
  /** Intents that are offered below the answer. */
  buttons: string[];
  /** What is asked for first; absent: nothing. */
  form?: FormField[];
  /** What is called instead of the answer; absent: nothing. */
  action?: Action;
  /** What is told instead of the answer while it is published; absent: none. */
  article?: string;
  /** Who takes over; absent: whoever the bot names. */
  handoff_team?: string;
  /** How much before others it comes then, 1 to 9; absent: as its visitor does. */
  handoff_level?: number;
  /** What the conversation gets when the bot goes by it; absent: nothing. */
  tags?: string[];
  examples: string[];
  /** The starter library's examples of that name count as well. */
  library: boolean;
}

/** Something that visitors want, and what the bot does then. */
export interface Intent extends IntentDraft {
  id: string;
  updated_at: string;
}

/** One of an import: examples are added, texts that are not empty replace, the rest stays unless it is given. `updated_at` as in a `PUT`. */
export interface ImportedIntent extends Partial<Omit<IntentDraft, 'title' | 'answer'>> {
  id: string;
  title?: Partial<Words>;
  answer?: Partial<Words>;
  updated_at?: string;
}

/** An article as a list has it. */
export interface ArticleLine {
  id: string;
  published: boolean;
  /** Empty: it is not in this language. */
  title: Words;
  updated_at: string;
}

export interface ArticleDraft {
  title: Words;
  /** Markdown. */
  body: Words;
  published: boolean;
}

export interface Article extends ArticleDraft {
  id: string;
  updated_at: string;
}

export interface FaqDraft {
  locale: 'en' | 'zh';
  question: string;
  /** Markdown. */
  answer: string;
}

/** A version of an intent, an FAQ entry or an article, from `updated_at` until somebody changed or deleted it. */
export interface Past<D> {
  id: string;
  updated_at: string;
  until: string;
  by: { id: string; name: string; };
  was: D;
}

/** A question and its answer, for the bot to find passages in. */
export interface Faq extends FaqDraft {
  /** What visitors read, where that is not the answer itself. */
  said?: string;
  id: string;
  updated_at: string;
}
