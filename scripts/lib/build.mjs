// Both halves of what runs, built side by side while the tools for them still arrive.
import { buildFront } from './front.mjs';
import { all } from './run.mjs';
import { tools } from './tools.mjs';
import { buildTrainer } from './trainer.mjs';
import { buildWorker } from './worker.mjs';

const MAKERS = { tools, worker: buildWorker, trainer: buildTrainer, front: buildFront };

/**
 * Builds what has changed.
 * @param profile  of the Worker: `start` or `release`
 * @param only     `worker` or `front` for one half; `ahead` for what is compiled, none of which a server that runs serves: workerd
 *                 has read its bundle, and the static files are the front's
 * @returns `{worker, front}`: whether the Worker was built, and which static parts were
 */
export async function build(profile, only, makers = MAKERS) {
  const begun = makers.tools();
  const [worker, front] = await all([
    only === 'front' ? false : makers.worker(profile, begun),
    only === 'worker' ? [] : only === 'ahead' ? makers.trainer(begun).then(() => []) : makers.front(begun),
    ...Object.values(begun),
  ]);
  return { worker, front };
}
