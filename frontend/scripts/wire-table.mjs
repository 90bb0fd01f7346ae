// Writes shared/wire/table.ts and shared/wire/types.ts from proto/bellhop.proto.
//
//   node frontend/scripts/wire-table.mjs           writes both files
//
// It reads just the part of the language that our one file uses, and refuses anything else aloud, so that a new
// construct in the protocol can't be dropped in silence.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);

/** The frames that a visitor's browser sends: the widget's table names no others. */
const VISITOR_FRAMES = ['hello', 'send', 'delivered', 'read', 'page', 'typing', 'renew', 'identify', 'leave', 'rate', 'leaveEmail'];

/** What it neither says nor looks at, by `message.field`: passed over like any unknown field. */
const VISITOR_SKIPS = [
  'Activity.actor', 'Activity.status', 'Activity.reason', 'Activity.team', 'ConversationState.snoozedUntil', 'ConversationState.assignmentEpoch',
  'Error.message', 'Error.holder', 'Grow.to', 'Hello.afterPrivate', 'Hello.tipPrivate', 'PageRequest.log', 'Presence.visitor', 'ServerFrame.rated', 'Typing.preview', 'Welcome.head', 'Welcome.conversation', 'Welcome.rated',
];

/** What follows the name of a field of this type. */
const SCALARS = { string: '', uint64: '#', bool: '?' };

/** Reads the protocol file: `{messages, enums}`, each with its comments. */
export function parse(source) {
  const messages = [];
  const enums = [];
  const stack = [];
  let notes = [];
  const lines = source.split('\n');
  for (const [index, raw] of lines.entries()) {
    const [, code = '', note = ''] = /^\s*(.*?)\s*(?:\/\/\s?(.*))?$/.exec(raw) ?? [];
    const fail = (why) => {
      throw new Error(`proto/bellhop.proto:${index + 1}: ${why}: ${raw.trim()}`);
    };
    if (code === '') {
      if (note.startsWith('---')) notes = [];
      else if (note !== '') notes.push(note);
      else notes = [];
      continue;
    }
    const doc = [...notes, ...(note === '' ? [] : [note])].join(' ');
    notes = [];
    const top = stack.at(-1);
    let match;
    if (/^(syntax|package)\b/.test(code)) continue;
    if ((match = /^message (\w+) \{(.*)$/.exec(code))) {
      if (top) fail('a message inside a message');
      const message = { name: match[1], doc, fields: [], oneof: undefined };
      messages.push(message);
      const rest = match[2].trim();
      if (rest === '') stack.push({ kind: 'message', message });
      else {
        const one = /^(.*;)\s*\}$/.exec(rest) ?? fail('not understood');
        message.fields.push(field(one[1], '', undefined, fail));
      }
    } else if ((match = /^enum (\w+) \{$/.exec(code))) {
      const name = top ? top.message.name + match[1] : match[1];
      const made = { name, doc, values: [] };
      enums.push(made);
      stack.push({ kind: 'enum', made, message: top?.message });
    } else if ((match = /^oneof (\w+) \{$/.exec(code))) {
      if (top?.kind !== 'message') fail('a oneof outside a message');
      if (top.message.oneof) fail('a second oneof in one message');
      top.message.oneof = match[1];
      stack.push({ kind: 'oneof', message: top.message });
    } else if (code === '}') {
      if (!stack.pop()) fail('one brace too many');
    } else if (top?.kind === 'enum') {
      match = /^(\w+) = (\d+);$/.exec(code) ?? fail('not an enum value');
      top.made.values.push({ name: match[1], number: Number(match[2]), doc });
    } else if (top) {
      top.message.fields.push(field(code, doc, top.kind === 'oneof' || undefined, fail));
    } else fail('not understood');
  }
  resolve(messages, enums);
  return { messages, enums };
}

function field(code, doc, oneof, fail) {
  const match = /^(repeated )?(map<string, string>|\w+) (\w+) = (\d+);$/.exec(code) ?? fail('not a field');
  const [, repeated, type, snake, number] = match;
  const name = snake.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
  if (name.replace(/[A-Z]/g, (letter) => '_' + letter.toLowerCase()) !== snake || name.includes('_')) fail('a name that JSON would not give back');
  return { name, number: Number(number), type, repeated: Boolean(repeated), oneof: Boolean(oneof), doc, fail };
}

/** Names what each field's type is: scalar, map, enum or message. */
function resolve(messages, enums) {
  for (const message of messages) {
    for (const one of message.fields) {
      const nested = enums.find((e) => e.name === message.name + one.type);
      const plain = enums.find((e) => e.name === one.type);
      if (one.type === 'map<string, string>') one.kind = 'map';
      else if (one.type in SCALARS) one.kind = 'scalar';
      else if (nested ?? plain) [one.kind, one.type] = ['enum', (nested ?? plain).name];
      else if (messages.some((m) => m.name === one.type)) one.kind = 'message';
      else one.fail('unknown type');
      if (one.repeated && (one.kind === 'enum' || (one.kind === 'scalar' && one.type !== 'string'))) {
        one.fail('packed fields are not in this codec');
      }
      delete one.fail;
    }
    message.fields.sort((a, b) => a.number - b.number);
  }
}

/** The messages that can be reached from `names`. */
function reachable(messages, names, keep = () => true) {
  const seen = new Set();
  const visit = (name) => {
    if (seen.has(name)) return;
    seen.add(name);
    const message = messages.find((m) => m.name === name);
    for (const one of message.fields) if (one.kind === 'message' && keep(name, one)) visit(one.type);
  };
  names.forEach(visit);
  return messages.filter((m) => seen.has(m.name));
}

function tableText(messages, withEnums, keep = () => true) {
  const code = (one, index, fields) => {
    const type =
      one.kind === 'map' ? '%'
      : one.kind === 'scalar' ? SCALARS[one.type]
      : one.kind === 'enum' ? '=' + (withEnums ? one.type : '')
      : one.type === one.name[0].toUpperCase() + one.name.slice(1) ? ':'
      : ':' + one.type;
    const number = one.number === (fields[index - 1]?.number ?? 0) + 1 ? '' : one.number;
    return `${number}${one.repeated ? '*' : one.oneof ? '|' : ''}${one.name}${type}`;
  };
  const line = (m) => [m.name, ...m.fields.filter((one) => keep(m.name, one)).map(code)].join(' ');
  return messages.map(line).join('\n');
}

const HEAD = '// Written by scripts/wire-table.mjs from proto/bellhop.proto. Not edited by hand.\n';

/** The text of `table.ts`. */
export function tableFile({ messages, enums }) {
  const keep = (name, one) => !VISITOR_SKIPS.includes(`${name}.${one.name}`) && (name !== 'ClientFrame' || VISITOR_FRAMES.includes(one.name));
  const visitor = tableText(reachable(messages, ['ClientFrame', 'ServerFrame'], keep), false, keep);
  const enumLine = (e) => [e.name, ...e.values.map((v) => `${v.number}:${v.name}`)].join(' ');
  return `${HEAD}//
// One line per message: its name, then its fields as number, mark, name, type.
// Number: only where it is not one more than the number before. Mark: "*" repeated, "|" member of the oneof.
// Type: "#" uint64, "?" bool, "=" enum, "%" map<string, string>, ":" a message, named unless its name is the field's with
// a capital; nothing for a string.

/** What a visitor's browser sends and reads. */
export const VISITOR_TABLE = \`${visitor}\`;

/** Every message; enums carry their names. */
export const FULL_TABLE = \`${tableText(messages, true)}\`;

/** Names and numbers of every enum, for proto3 JSON. */
export const ENUM_TABLE = \`${enums.map(enumLine).join('\n')}\`;
`;
}

function docLines(doc, indent) {
  return doc === '' ? '' : `${indent}/** ${doc} */\n`;
}

/** The text of `types.ts`. */
export function typesFile({ messages, enums }) {
  const tsType = (one) =>
    one.kind === 'map' ? 'Map<string, string>'
    : one.type === 'string' ? 'string'
    : one.type === 'uint64' ? 'number'
    : one.type === 'bool' ? 'boolean'
    : one.type;
  const member = (one) => {
    const optional = one.oneof || (one.kind === 'message' && !one.repeated);
    return `${docLines(one.doc, '  ')}  ${one.name}${optional ? '?' : ''}: ${tsType(one)}${one.repeated ? '[]' : ''};\n`;
  };
  const shape = (m) => {
    const note = m.oneof ? `${m.doc ? m.doc + ' ' : ''}At most one of its optional members is set.` : m.doc;
    return `${docLines(note, '')}export interface ${m.name} {\n${m.fields.map(member).join('')}}\n`;
  };
  const values = (e) => e.values.map((v) => `${docLines(v.doc, '  ')}  ${v.name} = ${v.number},\n`).join('');
  const list = (e) => `${docLines(e.doc, '')}export const enum ${e.name} {\n${values(e)}}\n`;
  return `${HEAD}//
// A decoded message has every scalar, list and map; a message inside it is absent when it was not sent.

${enums.map(list).join('\n')}
${messages.map(shape).join('\n')}
/** Every message by its name. */
export interface Messages {
${messages.map((m) => `  ${m.name}: ${m.name};\n`).join('')}}

/** What may be encoded: what is left out has its default value. */
export type Init<T> =
  T extends Map<string, string> ? T
  : T extends (infer E)[] ? Init<E>[]
  : T extends object ? { [K in keyof T]?: Init<T[K]> | undefined }
  : T;
`;
}

/** Both files as they should be: `{path: text}`. */
export function generate() {
  const model = parse(readFileSync(new URL('proto/bellhop.proto', root), 'utf8'));
  return {
    'frontend/shared/wire/table.ts': tableFile(model),
    'frontend/shared/wire/types.ts': typesFile(model),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of Object.entries(generate())) writeFileSync(new URL(path, root), text);
}
