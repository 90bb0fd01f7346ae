// What an activity is called: a key of the texts, and who took part. Pure; the names are put in by the component.

import { ActivityKind, SenderKind, Status } from '../../../shared/wire/types';
import type { Activity } from '../../../shared/wire/types';

const STATUS_WORDS: Partial<Record<Status, string>> = {
  [Status.OPEN]: 'opened',
  [Status.PENDING]: 'pending',
  [Status.SNOOZED]: 'snoozed',
  [Status.RESOLVED]: 'resolved',
};

/** The reason of a conversation that was resolved because nobody wrote: a code, where others are people's words. */
const IDLE = 'idle';

/** Why a bot hands over, as far as there are words for it: codes, too. */
const HANDED_OVER = new Set(['visitor_asked', 'unsure', 'asked_in_vain', 'no_text', 'intent', 'no_answer', 'form', 'action_failed', 'unverified', 'webhook', 'bot_failed', 'bot_off']);

/** The text's key under `conversation.activity`. */
export function activityKey({ kind, actor, subject, status, reason, team }: Activity): string {
  switch (kind) {
    case ActivityKind.STATUS_CHANGED: {
      const word = STATUS_WORDS[status];
      if (!word) return 'unknown';
      if (status === Status.RESOLVED && actor?.kind === SenderKind.VISITOR) return 'ended_by_visitor';
      if (status === Status.RESOLVED && reason === IDLE) return 'resolved_idle';
      return actor ? word : `${word}_system`;
    }
    case ActivityKind.JOINED:
      return 'joined';
    case ActivityKind.LEFT:
      return 'left';
    case ActivityKind.ASSIGNED:
      return !actor || actor.id === subject?.id ? 'assigned_self' : 'assigned';
    case ActivityKind.RELEASED:
      return actor ? 'released' : 'left';
    case ActivityKind.VISITOR_BLOCKED:
      return 'visitor_blocked';
    case ActivityKind.VISITOR_UNBLOCKED:
      return 'visitor_unblocked';
    case ActivityKind.MUTED:
      return 'muted';
    case ActivityKind.UNMUTED:
      return 'unmuted';
    case ActivityKind.LEFT_EMAIL:
      return 'left_email';
    case ActivityKind.HANDED_OVER:
      return HANDED_OVER.has(reason) ? `handed_over_${reason}` : 'handed_over';
    case ActivityKind.TEAM_CHANGED:
      if (!team) return 'unknown';
      return actor ? 'team' : 'team_system';
    case ActivityKind.IDLE_WARNED:
      return 'idle_warned';
    case ActivityKind.ACTIVITY_UNKNOWN:
      return 'unknown';
    default:
      return 'unknown';
  }
}
