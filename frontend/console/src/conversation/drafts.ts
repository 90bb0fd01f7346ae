// What the agent has begun to write, kept per conversation until it is sent. It survives a reload of the tab and is
// forgotten at sign-out.

import { defineStore } from 'pinia';
import { reactive } from 'vue';

export type DraftKind = 'reply' | 'note';

const PREFIX = 'bellhop.console.draft.';

function nameOf(conversation: string, kind: DraftKind): string {
  return `${PREFIX}${kind}.${conversation}`;
}

export const useDrafts = defineStore('drafts', () => {
  const drafts = reactive(new Map<string, string>());

  function get(conversation: string, kind: DraftKind): string {
    const name = nameOf(conversation, kind);
    const held = drafts.get(name);
    if (held !== undefined) return held;
    try {
      return sessionStorage.getItem(name) ?? '';
    } catch {
      return '';
    }
  }

  function set(conversation: string, kind: DraftKind, text: string): void {
    const name = nameOf(conversation, kind);
    drafts.set(name, text);
    try {
      if (text === '') sessionStorage.removeItem(name);
      else sessionStorage.setItem(name, text);
    } catch {
      // Blocked or full storage: the draft lives as long as the page.
    }
  }

  /** A reply is sent: what was written behind it stays, and all of a draft that has changed before. */
  function sent(conversation: string, reply: string): void {
    const draft = get(conversation, 'reply').trimStart();
    if (draft.startsWith(reply)) set(conversation, 'reply', draft.slice(reply.length).trimStart());
  }

  function clear(): void {
    drafts.clear();
    try {
      for (const name of Object.keys(sessionStorage)) if (name.startsWith(PREFIX)) sessionStorage.removeItem(name);
    } catch {
      // Nothing was stored, then.
    }
  }

  return { get, set, sent, clear };
});
