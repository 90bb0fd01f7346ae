// The bot learns: what it is taught is gathered, learnt in this browser and uploaded, and what it then makes of the examples
// is kept for looking at. A training goes on while its page is left.

import { defineStore } from 'pinia';
import { ref, shallowRef, watch } from 'vue';
import { Problem } from '../api/problem';
import { bot as api, intents as intentsApi } from '../api/routes';
import type { BotModel, Faq, Heard, Intent } from '../api/types';
import { useSession } from '../session/store';
import { useBot } from './bot-store';
import type { Comparison } from './compare';
import { useFaq } from './faq-store';
import { heldOut, isWorse } from './held-out';
import { fieldOf } from './intent-draft';
import { keepLessons, lessonsOf } from './kept-lessons';
import { lessonOf } from './lesson';
import { wholeLibrary } from './library';
import { openTrainer } from './trainer';
import type { Entry, Learned, Meaning, Said, Trainer } from './trainer';

/** What the trainer needs of an intent: plain, for it leaves this thread. */
const meaningOf = ({ id, title, answer, picture, does, buttons, form = [], action }: Intent): Meaning => ({ id, texts: [title.en, title.zh, answer.en, answer.zh, picture?.en ?? '', picture?.zh ?? '', action?.url ?? ''], does, buttons: [...buttons], form: form.map(fieldOf) });

/** As visitors read it. */
const entryOf = ({ locale, id, question, answer, said }: Faq): Entry => [locale, id, question, said ?? answer];

/** What was written last comes last, as the bot has it: of two answers to one question that one is told. */
const byWriting = (one: Faq, other: Faq) => (one.updated_at + one.id < other.updated_at + other.id ? -1 : 1);

/** The model in use and one that is looked at beside it: a megabyte each. */
const FILES_KEPT = 2;

export type Stage = 'gathering' | 'learning' | 'uploading';

/** What was learnt, with the examples as they were: it is kept in this browser, which need not know what intents call. */
export interface Lessons extends Omit<Learned, 'model'> {
  version: number;
  hash: string;
  taught: Pick<Intent, 'id' | 'title' | 'examples' | 'library'>[];
}

/** What was learnt and is not used yet. */
interface Waiting {
  file: Uint8Array;
  /** Of the intents that it was learnt from. */
  revision: number;
  lessons: Omit<Lessons, 'version' | 'hash'>;
}

export const useTraining = defineStore('training', () => {
  const session = useSession();
  const bot = useBot();
  const faq = useFaq();
  /** Null: nothing is being learnt. */
  const stage = ref<Stage | null>(null);
  /** How far the learning is, 0 to 1. */
  const progress = ref(0);
  const problem = ref<Problem | null>(null);
  const learned = shallowRef<Lessons | null>(null);
  /** The last training beside the one that was in use then, if this browser knows what that one made of its examples. */
  const compared = shallowRef<(Comparison & { former: number; }) | null>(null);
  /** It is worse than what is in use. */
  const waiting = shallowRef<Waiting | null>(null);
  let trainer: Trainer | null = null;
  let isLookedAt = false;
  /** Ends what belongs to a session that is over. */
  let turn = 0;
  /** Files of models by version, the last that was asked for at the end. */
  const files = new Map<number, Promise<Uint8Array>>();
  /** The FAQ as the trainer takes it, of the list that it was made of. */
  let entries: { of: readonly Faq[]; all: Entry[]; } | null = null;

  const opened = () => (trainer ??= openTrainer());

  /** Resolves the new version, or null where it failed (`problem` says why) or waits for somebody to say whether it is to be used. */
  async function train(): Promise<(BotModel & Heard) | null> {
    return during(async (isOver) => {
      waiting.value = null;
      compared.value = null;
      progress.value = 0;
      stage.value = 'gathering';
      const [{ intents, revision }, library, inUse] = await Promise.all([intentsApi.list(), wholeLibrary(), api.get()]);
      if (isOver()) return null;
      stage.value = 'learning';
      const { model, ...found } = await opened().learn(lessonOf(intents, library), (done, of) => {
        progress.value = of > 0 ? done / of : 0;
      });
      if (isOver()) return null;
      const made = { file: model, revision, lessons: { ...found, taught: intents.map(({ id, title, examples, library }) => ({ id, title, examples, library })) } };
      const former = await foundOf(inUse.model);
      if (isOver()) return null;
      const beside = former && heldOut(former, made.lessons, inUse.hold_back);
      compared.value = beside && { ...beside, former: former.version };
      if (!beside || !isWorse(beside)) return upload(made, isOver);
      waiting.value = made;
      return null;
    });
  }

  /** What this browser knows of a model, whoever uses it: others train, and go back, too. */
  async function foundOf(model: BotModel | null): Promise<Lessons | null> {
    if (!model) return null;
    const found = learned.value?.hash === model.hash ? learned.value : await lessonsOf(model.hash);
    return found && { ...found, version: model.version };
  }

  /** Uses what waits, although it is worse; resolves as a training does. */
  async function takeWaiting(): Promise<(BotModel & Heard) | null> {
    const wanted = waiting.value;
    return wanted && during((isOver) => upload(wanted, isOver));
  }

  /** Leaves what waits: the former one goes on. */
  function leaveWaiting(): void {
    waiting.value = null;
    compared.value = null;
  }

  async function upload({ file, revision, lessons }: Waiting, isOver: () => boolean) {
    stage.value = 'uploading';
    const model = await api.addModel(file, { examples: lessons.examples, accuracy: Math.round(lessons.accuracy * 10) / 10, revision }).catch((error: unknown) => overtaken(error, isOver));
    if (isOver()) return null;
    waiting.value = null;
    learned.value = { ...lessons, version: model.version, hash: model.hash };
    void keepLessons(learned.value);
    await bot.load();
    return model;
  }

  /** Others have taught a later version meanwhile: what was learnt here is of no use any more, and theirs is shown. */
  async function overtaken(error: unknown, isOver: () => boolean): Promise<never> {
    if (error instanceof Problem && error.code === 'conflict' && error.field === 'revision' && !isOver()) {
      leaveWaiting();
      await bot.load();
    }
    throw error;
  }

  /** One at a time; null where it fails, and where its session ends. */
  async function during<T>(work: (isOver: () => boolean) => Promise<T | null>): Promise<T | null> {
    if (stage.value) return null;
    const mine = turn;
    problem.value = null;
    try {
      return await work(() => mine !== turn);
    } catch (error) {
      if (mine === turn && !isAbort(error)) problem.value = problemOf(error);
      return null;
    } finally {
      if (mine === turn) stage.value = null;
      if (!isLookedAt) rest();
    }
  }

  /** What the bot says to a message, by the intents and the FAQ as they are and the model in use, if there is one, or another version of it. */
  async function judge(said: Said, version = bot.bot?.model?.version) {
    const { bot: now, intents } = bot;
    if (!now) throw new Problem('not_found', 404);
    const known = await wholeFaq();
    const file = version === undefined ? Promise.resolve(null) : fileOf(version);
    try {
      return await opened().judge(await file, intents.map(meaningOf), known, said, now.hold_back);
    } catch (error) {
      if (version !== undefined && files.get(version) === file) files.delete(version);
      throw problemOf(error);
    }
  }

  function fileOf(version: number): Promise<Uint8Array> {
    const file = files.get(version) ?? api.modelFile(version);
    files.delete(version);
    for (const other of [...files.keys()].slice(0, -(FILES_KEPT - 1))) files.delete(other);
    files.set(version, file);
    return file;
  }

  /** As the bot has it. Where a page asks for it at the same time, the later answer counts. */
  async function wholeFaq(): Promise<Entry[]> {
    if (!faq.loaded) {
      await faq.load();
      const { loaded, problem: missing } = faq;
      if (missing) throw missing;
      if (!loaded) return wholeFaq();
    }
    if (entries?.of !== faq.faq) entries = { of: faq.faq, all: [...faq.faq].sort(byWriting).map(entryOf) };
    return entries.all;
  }

  /** Whether somebody looks at the bot's pages. Without them nothing is judged; a training goes on until it is done. */
  function look(is: boolean): void {
    isLookedAt = is;
    if (!is) rest();
  }

  function rest(): void {
    if (stage.value) return;
    trainer?.close();
    trainer = null;
  }

  // What this browser has learnt before is looked at again where it is what is in use.
  watch(() => bot.bot?.model?.hash, async (hash) => {
    if (!hash || learned.value?.hash === hash) return;
    const found = await foundOf(bot.bot?.model ?? null);
    if (found && bot.bot?.model?.hash === hash) learned.value = found;
  }, { immediate: true });

  watch(() => session.me?.id, () => {
    turn++;
    stage.value = null;
    learned.value = null;
    problem.value = null;
    leaveWaiting();
    files.clear();
    entries = null;
    rest();
  });

  return { stage, progress, problem, learned, compared, waiting, train, takeWaiting, leaveWaiting, judge, look };
});

const isAbort = (error: unknown) => error instanceof Error && error.name === 'AbortError';

/** The core's refusals have a code; anything else that is no answer of the server's is the trainer's. */
function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'bot_trainer_failed';
  return new Problem(code, 400);
}
