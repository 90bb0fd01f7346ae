// What the environment says about a server of one's own: `make start` and everything else that starts one. Pure, so that what is
// refused is refused before anything is built.
import { resolve } from 'node:path';
import { isOn } from '../../deploy/workerd.mjs';
import { local } from './paths.mjs';
import { Failure } from './run.mjs';

/** Which bundle runs here: the quick one, unless another is asked for. */
export const chosenBundle = (env = process.env) => env.BELLHOP_BUNDLE || 'start';

/**
 * Everything that `make start` may be told.
 * @returns `{port, store, bundle, withDemo, watching, outside, vars}`: `outside` is whether others than this machine are to reach it
 *   under the address that the Worker is told, wherever that was said; `vars` are the Worker's, as texts
 */
export function settings(env) {
  const port = Number(env.PORT || 8787);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Failure(`PORT=${env.PORT} is no port.`);
  const withDemo = env.DEMO !== '0';
  const { BELLHOP_URL: url = env.BELLHOP_URL, ...given } = furtherVars(env.BELLHOP_VARS);
  const outside = Boolean(url) && !/^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:|\/|$)/.test(url);
  const vars = {
    BELLHOP_DEMO: withDemo ? '1' : '',
    // A developer's own system may stand on this machine; for anybody else's server that would be a door into it.
    BELLHOP_LOOPBACK: outside ? '' : '1',
    ...(url ? { BELLHOP_URL: url } : {}),
    ...given,
  };
  checkNumbers(vars);
  // The demo's logins are printed in the source: nobody else may reach a server that knows them.
  if (outside && (withDemo || isOn(vars.BELLHOP_DEMO))) throw new Failure('BELLHOP_URL is not this machine: the demo has well-known passwords. Start with DEMO=0 and a store of its own (BELLHOP_STORE=).');
  return { port, store: resolve(env.BELLHOP_STORE || local('store')), bundle: chosenBundle(env), withDemo, watching: env.WATCH !== '0', outside, vars };
}

/** BELLHOP_VARS, with a text for each value, as the Worker reads it. */
function furtherVars(text) {
  let given;
  try {
    given = JSON.parse(text || '{}');
  } catch (error) {
    throw new Failure(`BELLHOP_VARS is no JSON (${error.message}): '{"NAME":"value"}'.`);
  }
  if (given === null || typeof given !== 'object' || Array.isArray(given)) throw new Failure(`BELLHOP_VARS must be an object: '{"NAME":"value"}'.`);
  return Object.fromEntries(Object.entries(given).map(([name, value]) => {
    if (!['string', 'number', 'boolean'].includes(typeof value)) throw new Failure(`BELLHOP_VARS: ${name} must be a text, a number, or true or false.`);
    return [name, String(value)];
  }));
}

/** Those of which the Worker serves nothing where they are no numbers (src/edge/config.rs). */
const NUMBERS = ['BELLHOP_LIMIT_FACTOR', 'BELLHOP_EVENTS_DELAY_MS', 'BELLHOP_DESCRIPTORS'];

/** Refuses before an upload what would be refused after it. */
export function checkNumbers(vars = {}) {
  for (const name of NUMBERS) {
    const value = String(vars[name] ?? '');
    if (value && !(/^\d+$/.test(value) && Number(value) < 2 ** 32)) throw new Failure(`${name}=${value} must be a whole number.`);
  }
}
