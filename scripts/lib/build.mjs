// Both halves of what runs, built side by side while the tools for them still arrive.
import { buildFront } from './front.mjs';
import { all } from './run.mjs';
import { tools } from './tools.mjs';
import { buildWorker } from './worker.mjs';

/**
 * Builds what has changed.
 * @param profile  of the Worker: `start` or `release`
 * @param only     `worker` or `front` for one half
 * @returns `{worker, front}`: whether the Worker was built, and which static parts were
 */
export async function build(profile, only) {
  const begun = tools();
  const [worker, front] = await all([
    only === 'front' ? false : buildWorker(profile, begun),
    only === 'worker' ? [] : buildFront(begun),
    ...Object.values(begun),
  ]);
  return { worker, front };
}
