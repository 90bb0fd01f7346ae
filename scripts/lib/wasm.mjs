// The parts of a WebAssembly module, as the specification's binary format has them.

/** The ids of sections. */
export const [CUSTOM, IMPORT, EXPORT, CODE, DATA] = [0, 2, 7, 10, 11];

/** Reads numbers and what is as long as they say. */
export function reader(bytes) {
  let at = 0;
  const number = () => {
    for (let value = 0, shift = 0; ; shift += 7) {
      if (at >= bytes.length) throw new Error('the module ends in the middle');
      const byte = bytes[at++];
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  const take = (length) => bytes.subarray(at, (at += length));
  return { number, byte: () => bytes[at++], take, chunk: () => take(number()), get at() { return at; }, get more() { return at < bytes.length; } };
}

/** The sections of a module, in order. */
export function sectionsOf(wasm) {
  const it = reader(wasm);
  it.take(8);
  const sections = [];
  while (it.more) {
    const start = it.at;
    const [id, body] = [it.byte(), it.chunk()];
    sections.push({ id, body, whole: wasm.subarray(start, it.at) });
  }
  return sections;
}

/** A number as it is written. */
export function number(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return Buffer.from([...bytes, value]);
}

/** Bytes behind their length. */
export function chunk(...parts) {
  const body = Buffer.concat(parts);
  return [number(body.length), body];
}

/** The module with those of its exports alone whose name is wanted; what only others need is left to wasm-opt. */
export function exporting(wasm, isWanted) {
  const parts = sectionsOf(wasm).map(({ id, body, whole }) => {
    if (id !== EXPORT) return whole;
    const it = reader(body);
    const kept = [];
    for (let left = it.number(); left; left--) {
      const start = it.at;
      const name = it.chunk().toString();
      it.byte();
      it.number();
      if (isWanted(name)) kept.push(body.subarray(start, it.at));
    }
    return Buffer.concat([Buffer.from([EXPORT]), ...chunk(number(kept.length), ...kept)]);
  });
  return Buffer.concat([wasm.subarray(0, 8), ...parts]);
}
