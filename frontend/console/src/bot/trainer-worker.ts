// The Web Worker in which the bot's Wasm runs (trainer.ts asks it).

import wasmUrl from '../../../../build/trainer/trainer.wasm?url';
import { Refused, TrainerCore } from './trainer-core';
import { FAILED, GONE, type Question, type Reply } from './trainer-messages';

const core = fetch(wasmUrl).then(async (response) => {
  if (!response.ok) throw new Refused(GONE);
  return TrainerCore.start(await response.arrayBuffer());
});
// Told to whoever asks.
core.catch(() => {});

onmessage = async ({ data }: MessageEvent<Question>) => {
  const { id } = data;
  try {
    const ready = await core;
    if ('lesson' in data) {
      const value = ready.learn(data.lesson, (done, of) => reply({ id, done, of }));
      reply({ id, value }, [value.model.buffer as ArrayBuffer]);
    } else {
      if (data.faq !== undefined) ready.know(data.faq);
      reply({ id, value: ready.judge(data.model, data.said) });
    }
  } catch (error) {
    reply({ id, code: error instanceof Refused ? error.code : FAILED });
  }
};

function reply(message: Reply, transfer: Transferable[] = []) {
  postMessage(message, { transfer });
}
