// A hand-driven world for `connection.ts`: its clock moves only when a test moves it.
import type { ConnectionEnv, SocketLike } from '../connection.ts';

export class FakeSocket implements SocketLike {
  binaryType = '';
  onopen: ((event: unknown) => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  readonly sent: (string | Uint8Array)[] = [];
  closedWith: number | undefined;

  constructor(readonly url: string, readonly protocols: string[]) {}

  send(data: string | Uint8Array): void {
    this.sent.push(data);
  }

  close(code?: number): void {
    this.closedWith ??= code;
  }

  open(): void {
    this.onopen?.({});
  }

  give(data: unknown): void {
    this.onmessage?.({ data });
  }

  end(code: number): void {
    this.onclose?.({ code });
  }

  get pings(): number {
    return this.sent.filter((data) => data === 'ping').length;
  }
}

export class FakeEnv implements ConnectionEnv {
  clock = 1_000_000;
  chance = 0.5;
  isOnline = true;
  isHidden = false;
  readonly sockets: FakeSocket[] = [];
  #timers = new Map<number, { at: number; run: () => void }>();
  #next = 1;

  now = (): number => this.clock;
  random = (): number => this.chance;
  online = (): boolean => this.isOnline;
  hidden = (): boolean => this.isHidden;

  setTimer = (run: () => void, ms: number): number => {
    this.#timers.set(this.#next, { at: this.clock + ms, run });
    return this.#next++;
  };

  clearTimer = (timer: number): void => {
    this.#timers.delete(timer);
  };

  open = (url: string, protocols: string[]): FakeSocket => {
    const socket = new FakeSocket(url, protocols);
    this.sockets.push(socket);
    return socket;
  };

  get socket(): FakeSocket {
    return this.sockets.at(-1)!;
  }

  /** Lets promises settle, then runs what falls due within `ms`, in order. */
  async pass(ms: number): Promise<void> {
    const end = this.clock + ms;
    for (;;) {
      await settle();
      const due = [...this.#timers].filter(([, timer]) => timer.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      this.#timers.delete(due[0]);
      this.clock = Math.max(this.clock, due[1].at);
      due[1].run();
    }
    this.clock = end;
  }
}

/** Runs the microtasks that are due, however deep their chain. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}
