// What people are called on the screen.

import { useI18n } from 'vue-i18n';
import { SenderKind } from '../../../shared/wire/types';
import type { Participant } from '../../../shared/wire/types';
import { useSession } from '../session/store';

/** Something short and stable to tell nameless visitors apart by. */
export function visitorCode(visitorId: string): string {
  return visitorId.slice(-4).toUpperCase();
}

/** Functions that name visitors and participants in the reader's language. */
export function useNames() {
  const { t } = useI18n();
  const session = useSession();

  function visitor(name: string, id: string): string {
    if (name) return name;
    return id ? t('inbox.visitor_named', { code: visitorCode(id) }) : t('inbox.visitor');
  }

  function participant(who: Participant | undefined, visitorName: string): string {
    if (who?.kind === SenderKind.VISITOR) return visitorName;
    if (who?.kind === SenderKind.AGENT && who.id === session.me?.id) return session.me.name;
    if (who?.kind === SenderKind.BOT) return who.name || t('inbox.bot');
    return who?.name || t('inbox.system');
  }

  return { visitor, participant };
}
