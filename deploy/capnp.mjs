// The bits of Cap'n Proto's text form that a workerd configuration needs.

/** A quoted string. The grammar knows C's escapes; JSON's are a subset of it, but for `\u`, which is written as bytes. */
export function text(value) {
  let out = '"';
  for (const byte of Buffer.from(String(value), 'utf8')) {
    const char = String.fromCharCode(byte);
    if (char === '"' || char === '\\') out += `\\${char}`;
    else if (byte < 0x20 || byte > 0x7e) out += `\\x${byte.toString(16).padStart(2, '0')}`;
    else out += char;
  }
  return `${out}"`;
}

/** A string that holds JSON. Keys without a value are left out, so that the reader's default holds. */
export const json = (value) => text(JSON.stringify(value));

export const bool = (value) => (value ? 'true' : 'false');

export const field = (name, value) => `${name} = ${value}`;

export const struct = (...fields) => `(${fields.join(', ')})`;

/** A list, one entry a line. */
export function list(entries, indent) {
  const blank = ' '.repeat(indent);
  return entries.length ? `[\n${entries.map((it) => `${blank}${it},\n`).join('')}${' '.repeat(indent - 2)}]` : '[]';
}

/** An entry of `services`. */
export const service = (name, what) => `(name = ${text(name)}, ${what})`;
