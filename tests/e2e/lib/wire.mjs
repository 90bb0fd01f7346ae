// The widget's own codec, for tests: bundled from its TypeScript, so that both encodings are spoken as our clients do.
import { npm } from '../../../scripts/lib/npm.mjs';
import { at } from '../../../scripts/lib/paths.mjs';

const source = `
  export { codec } from './codec.ts';
  export { fromJson, toJson } from './json.ts';
  export { FULL_TABLE } from './table.ts';
`;
const { outputFiles } = npm('esbuild').buildSync({ stdin: { contents: source, resolveDir: at('frontend/shared/wire'), loader: 'ts' }, bundle: true, format: 'esm', write: false });
const { codec, fromJson, toJson, FULL_TABLE } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);

/** Encodes and decodes every message of the protocol, in binary. */
export const wire = codec(FULL_TABLE);

/** Values of the protocol's enums, as frames carry them here. */
export const STATUS = { PENDING: 1, OPEN: 2, SNOOZED: 3, RESOLVED: 4 };
export const SENDER = { VISITOR: 1, AGENT: 2, BOT: 3, SYSTEM: 4 };
export const RATING = { RATING_NONE: 0, RATING_ASKED: 1, HELPFUL: 2, UNHELPFUL: 3 };
export const AVAILABILITY = { ONLINE: 1, AWAY: 2, OFFLINE: 3 };
export const LOG = { PUBLIC: 0, PRIVATE: 1 };

/**
 * How a frame goes over the line, in each encoding. Tests handle the same values in both: numbers for integers and
 * enums, defaults filled in. Every frame is read as an agent's, which are a superset: so a note that went to a visitor
 * would be seen.
 */
export const encodings = {
  json: {
    protocol: 'bellhop.v1.json',
    encode: (frame) => JSON.stringify(toJson('ClientFrame', frame)),
    decode: (data, isBinary) => {
      if (isBinary) throw new Error('binary frame on a JSON socket');
      return fromJson('AgentFrame', JSON.parse(data.toString()));
    },
  },
  proto: {
    protocol: 'bellhop.v1.proto',
    encode: (frame) => wire.encode('ClientFrame', frame),
    decode: (data, isBinary) => {
      if (!isBinary) throw new Error(`text frame on a binary socket: ${data}`);
      return wire.decode('AgentFrame', new Uint8Array(data));
    },
  },
};
