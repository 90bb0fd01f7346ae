// What the agent has begun to write, kept per conversation until it is sent, and what it is to become; and per editor what was in it
// when their session ended. It survives a reload of the tab and is forgotten at sign-out.

import { defineStore } from 'pinia';
import { reactive } from 'vue';

export type DraftKind = 'reply' | 'note';

const PREFIX = 'bellhop.console.draft.';

function nameOf(conversation: string, kind: DraftKind | 'mode' | 'form'): string {
  return `${PREFIX}${kind}.${conversation}`;
}

export const useDrafts = defineStore('drafts', () => {
  const drafts = reactive(new Map<string, string>());

  function get(conversation: string, kind: DraftKind): string {
    return held(nameOf(conversation, kind));
  }

  function held(name: string): string {
    const now = drafts.get(name);
    if (now !== undefined) return now;
    try {
      return sessionStorage.getItem(name) ?? '';
    } catch {
      return '';
    }
  }

  function set(conversation: string, kind: DraftKind, text: string): void {
    hold(nameOf(conversation, kind), text);
  }

  function hold(name: string, text: string): void {
    drafts.set(name, text);
    try {
      if (text === '') sessionStorage.removeItem(name);
      else sessionStorage.setItem(name, text);
    } catch {
      // Blocked or full storage: the draft lives as long as the page.
    }
  }

  const has = (conversation: string, kind: DraftKind) => get(conversation, kind).trim() !== '';

  /** What a composer begins with: a note where one was being written, so that no word of it goes to the visitor. */
  function mode(conversation: string): DraftKind {
    const alone = has(conversation, 'note') && !has(conversation, 'reply');
    return alone || held(nameOf(conversation, 'mode')) === 'note' ? 'note' : 'reply';
  }

  function setMode(conversation: string, kind: DraftKind): void {
    hold(nameOf(conversation, 'mode'), kind === 'note' ? kind : '');
  }

  const form = (editor: string) => held(nameOf(editor, 'form'));
  const setForm = (editor: string, text: string) => hold(nameOf(editor, 'form'), text);

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

  return { get, set, has, mode, setMode, form, setForm, sent, clear };
});
