// What the environment says about a server of one's own: `make start` and everything else that starts one.

/** Which bundle runs here: the quick one, unless another is asked for. */
export const chosenBundle = (env = process.env) => env.BELLHOP_BUNDLE || 'start';
