// The bot's Wasm (trainer/src/exports.rs) as functions: bytes are put in, a call takes them, and its answer stands in the output.

import type { Learned, Verdict } from './trainer';

interface Exports {
  memory: WebAssembly.Memory;
  input(length: number): number;
  output(): number;
  output_length(): number;
  begin(): number;
  step(budget: number): number;
  progress(): number;
  parts(): number;
  file(): number;
  load(): number;
  know(): number;
  judge(): number;
}

/** Examples that are looked at between two calls: some 10 ms. Also lets the engine exchange its first, slow code. */
const SLICE = 250;

/** What a call gives; else it is refused. */
const DONE = 1;
const UNDER_WAY = 2;

/** The core refuses, and says why. */
export class Refused extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

export class TrainerCore {
  private constructor(private readonly wasm: Exports) {}

  static async start(code: BufferSource): Promise<TrainerCore> {
    const { instance } = await WebAssembly.instantiate(code, {});
    return new TrainerCore(instance.exports as unknown as Exports);
  }

  /** Learns a lesson (JSON of `Lesson`). */
  learn(lesson: string, onProgress: (done: number, of: number) => void): Learned {
    this.put(new TextEncoder().encode(lesson));
    this.expect(this.wasm.begin());
    const of = this.wasm.parts();
    let told = 0;
    let outcome = this.wasm.step(SLICE);
    while (outcome === UNDER_WAY) {
      const done = this.wasm.progress();
      if (done > told) onProgress(done, of);
      told = Math.max(told, done);
      outcome = this.wasm.step(SLICE);
    }
    this.expect(outcome);
    onProgress(of, of);
    const learned = this.json<Omit<Learned, 'model'>>();
    this.expect(this.wasm.file());
    return { ...learned, model: this.output() };
  }

  /** Takes the FAQ (JSON of all that the `Entry`s hold, one behind the other) for all that is judged from now on. */
  know(faq: string) {
    this.put(new TextEncoder().encode(faq));
    this.expect(this.wasm.know());
  }

  /** What the bot would do (JSON of `Said`, the intents and the slider); null: without a model. */
  judge(model: Uint8Array | null, said: string): Verdict {
    this.put(model ?? new Uint8Array());
    this.expect(this.wasm.load());
    this.put(new TextEncoder().encode(said));
    this.expect(this.wasm.judge());
    return this.json();
  }

  private put(bytes: Uint8Array) {
    const place = this.wasm.input(bytes.length);
    // Taking room may have moved the memory.
    new Uint8Array(this.wasm.memory.buffer, place, bytes.length).set(bytes);
  }

  private output(): Uint8Array {
    return new Uint8Array(this.wasm.memory.buffer, this.wasm.output(), this.wasm.output_length()).slice();
  }

  private json<T>(): T {
    return JSON.parse(new TextDecoder().decode(this.output())) as T;
  }

  private expect(outcome: number) {
    if (outcome !== DONE) throw new Refused(new TextDecoder().decode(this.output()));
  }
}
