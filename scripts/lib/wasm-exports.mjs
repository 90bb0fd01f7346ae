// What a WebAssembly module exports. Node's own reader refuses modules with features that it does not know yet.

const EXPORTS = 7;

/** Names of all exports of `bytes`, in their order. */
export function exportsOf(bytes) {
  let at = 8;
  const number = () => {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value |= (byte & 127) << shift;
      if (byte < 128) return value >>> 0;
    }
  };
  while (at < bytes.length) {
    const section = bytes[at++];
    const end = number() + at;
    if (section === EXPORTS) {
      return Array.from({ length: number() }, () => {
        const length = number();
        const name = Buffer.from(bytes.subarray(at, (at += length))).toString('utf8');
        at++; // its kind
        number();
        return name;
      });
    }
    at = end;
  }
  return [];
}
