// What every import does once a text has been read: it sends it in as many portions as the server takes at once, and says what came of it.

import { ref, watch, type Ref } from 'vue';
import { Problem } from '../api/problem';
import type { Heard } from '../api/types';
import { useSubmit } from '../ui/submit';
import { portionsOf } from './portions';

/**
 * `most`: entries that the server takes at once; `load`: after something was taken; `done`: all of it was, with the sums of the answers and
 * whether the last of them is heeded yet.
 */
export function useImport<Entry>(open: Ref<boolean>, { most, send, load, done }: {
  most: number;
  send(portion: Entry[]): Promise<Heard | object>;
  load(): Promise<boolean>;
  done(sums: Record<string, number>, live: boolean | undefined): void;
}) {
  const text = ref('');
  /** Something was sent before something else was refused. */
  const isPart = ref(false);
  /** Something was sent, and what is known may not say what came of it. */
  let isUnseen = false;
  const { busy, problem, run } = useSubmit();

  watch(open, (is) => {
    if (!is) return;
    text.value = '';
    isPart.value = false;
    problem.value = null;
  });

  /** `entries`: by what is known when they are sent. */
  async function save(entries: () => Entry[]) {
    isPart.value = false;
    const sums: Record<string, number> = {};
    let live: boolean | undefined;
    const isDone = await run(async () => {
      // What has come of the last try, whose answer may be lost, is not sent once more.
      if (isUnseen && !(await load())) throw new Problem('network');
      for (const portion of portionsOf(entries(), most)) {
        isUnseen = true;
        const answer = await send(portion);
        isPart.value = true;
        ({ live } = answer as Heard);
        for (const [name, n] of Object.entries(answer)) if (typeof n === 'number') sums[name] = (sums[name] ?? 0) + n;
      }
    });
    if (isPart.value) void load().then((isNow) => (isUnseen &&= !isNow));
    if (!isDone) return;
    done(sums, live);
    open.value = false;
  }

  return { text, isPart, busy, problem, save };
}
