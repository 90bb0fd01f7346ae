// What was written and is not acknowledged survives a reload of the tab: the outboxes of one conversation, kept in
// the tab's own storage, and which conversations are still to be taken for them. Sending again is harmless, because the server
// knows a client_id.

import type { Unsent } from '../../../shared/outbox';

const PREFIX = 'bellhop.console.unsent.';
const OWED = 'bellhop.console.owed';
const OWNER = 'bellhop.console.owner';

export interface KeptUnsent {
  messages: Unsent[];
  notes: Unsent[];
}

/** What was kept for a conversation. */
export function recallUnsent(conversation: string): KeptUnsent {
  try {
    const kept = JSON.parse(sessionStorage.getItem(PREFIX + conversation) ?? '{}') as Partial<KeptUnsent>;
    return { messages: kept.messages ?? [], notes: kept.notes ?? [] };
  } catch {
    return { messages: [], notes: [] };
  }
}

/** The conversations for which something is kept. */
export function unsentConversations(): string[] {
  try {
    return Object.keys(sessionStorage).filter((name) => name.startsWith(PREFIX)).map((name) => name.slice(PREFIX.length));
  } catch {
    return [];
  }
}

/** Keeps the outboxes as they are now. */
export function keepUnsent(conversation: string, messages: readonly Unsent[], notes: readonly Unsent[]): void {
  try {
    if (messages.length + notes.length === 0) sessionStorage.removeItem(PREFIX + conversation);
    else sessionStorage.setItem(PREFIX + conversation, JSON.stringify({ messages, notes }));
  } catch {
    // Blocked or full storage: they live as long as the page.
  }
}

/** The conversations that a reply has answered and nobody has yet, for whom its agent is to take them. */
export function recallOwed(): string[] {
  try {
    return JSON.parse(sessionStorage.getItem(OWED) ?? '[]') as string[];
  } catch {
    return [];
  }
}

/** Keeps them as they are now. */
export function keepOwed(conversations: readonly string[]): void {
  try {
    if (conversations.length === 0) sessionStorage.removeItem(OWED);
    else sessionStorage.setItem(OWED, JSON.stringify(conversations));
  } catch {
    // As with the outboxes.
  }
}

/** Whether what this tab keeps belongs to another agent; from now on it is this one's. */
export function isNewOwner(agent: string): boolean {
  try {
    const was = sessionStorage.getItem(OWNER);
    sessionStorage.setItem(OWNER, agent);
    return was !== null && was !== agent;
  } catch {
    return false;
  }
}

/** Forgets all of them. */
export function forgetUnsent(): void {
  try {
    for (const name of Object.keys(sessionStorage)) if (name.startsWith(PREFIX) || name === OWED) sessionStorage.removeItem(name);
  } catch {
    // Nothing was kept, then.
  }
}
