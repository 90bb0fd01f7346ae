// What a module exports: those that are wanted, and the module goes on working.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exporting } from '../lib/wasm.mjs';

/** `(func (export "one") (result i32) i32.const 1)`, the same for two, and a memory, exported as well. */
const MODULE = Buffer.from('0061736d010000000105016000017f030302000005030100010716 03 03 6f6e65 0000 0374776f 0001 066d656d6f7279 0200 0a0b 02 04004101 0b 04004102 0b'.replaceAll(' ', ''), 'hex');

const exportsOf = (bytes) => WebAssembly.Module.exports(new WebAssembly.Module(bytes)).map(({ name }) => name);

test('an export that nobody wants is gone, and the others are what they were', () => {
  assert.deepEqual(exportsOf(MODULE), ['one', 'two', 'memory']);
  const less = exporting(MODULE, (name) => name !== 'one');
  assert.deepEqual(exportsOf(less), ['two', 'memory']);
  assert.equal(new WebAssembly.Instance(new WebAssembly.Module(less)).exports.two(), 2);
  assert.deepEqual(exportsOf(exporting(MODULE, () => false)), []);
});
