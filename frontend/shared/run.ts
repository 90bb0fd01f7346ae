// The part of a gapless log that a client holds: one contiguous run that ends at the newest entry. Pure.

/** What every entry of a log has. */
export interface Entry {
  seq: number;
  id: string;
}

export class Run<E extends Entry> {
  /** Contiguous, oldest first, ends at the newest entry that is held. */
  entries: E[] = [];
  /** The server said that there is nothing older than the first entry. */
  #bottom = false;

  /** The last seq that is held, 0 when none is. */
  get last(): number {
    return this.entries.at(-1)?.seq ?? 0;
  }

  /** The id of the last entry: what a client shows to prove that its log is the server's. */
  get tip(): string {
    return this.entries.at(-1)?.id ?? '';
  }

  get first(): number {
    return this.entries[0]?.seq ?? 0;
  }

  /** Whether the server has entries before the first. */
  get older(): boolean {
    return this.first > 1 && !this.#bottom;
  }

  clear(): void {
    this.entries = [];
    this.#bottom = false;
  }

  /**
   * Takes the next entry; returns whether it was new. One that does not follow begins the run anew: what was before the
   * gap can be paged back like any older history.
   */
  append(entry: E): boolean {
    if (entry.seq <= this.last) return false;
    if (entry.seq > this.last + 1) this.clear();
    this.entries.push(entry);
    return true;
  }

  /**
   * Takes a page of older entries that ends just before the first one; anything else in it is dropped. A page that
   * brings nothing is taken as the bottom, so that nobody asks for it for ever.
   */
  prepend(page: E[], more: boolean): void {
    const { first } = this;
    for (const entry of page.reverse()) if (entry.seq === this.first - 1) this.entries.unshift(entry);
    this.#bottom = !more || this.first === first;
  }
}
