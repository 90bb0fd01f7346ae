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
  const { busy, problem, run } = useSubmit(open);
  let opening = 0;
  /** The last import, which goes on though its dialog was closed. */
  let former: Promise<unknown> = Promise.resolve();

  watch(open, (is) => {
    if (!is) return;
    opening++;
    text.value = '';
    isPart.value = false;
  }, { flush: 'sync' });

  /** `entries`: by what is known when they are sent. */
  async function save(entries: () => Entry[]) {
    const mine = opening;
    const before = former;
    const sums: Record<string, number> = {};
    let isAny = false;
    let live: boolean | undefined;
    isPart.value = false;
    const sending = run(async () => {
      // What an earlier one adds is not added once more.
      await before;
      // What has come of the last try, whose answer may be lost, is not sent once more.
      if (isUnseen && !(await load())) throw new Problem('network');
      // What was to be sent is in the form no more.
      if (mine !== opening) return;
      for (const portion of portionsOf(entries(), most)) {
        isUnseen = true;
        const answer = await send(portion);
        isAny = true;
        if (mine === opening) isPart.value = true;
        ({ live } = answer as Heard);
        for (const [name, n] of Object.entries(answer)) if (typeof n === 'number') sums[name] = (sums[name] ?? 0) + n;
      }
      done(sums, live);
    });
    former = Promise.all([before, sending]);
    const isDone = await sending;
    if (isAny) void load().then((isNow) => (isUnseen &&= !isNow));
    if (isDone) open.value = false;
  }

  return { text, isPart, busy, problem, save };
}
