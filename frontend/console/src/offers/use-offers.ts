// What rings at this agent, as it is offered to them, and what they answer.

import { computed, reactive, watch } from 'vue';
import { useRouter } from 'vue-router';
import { useI18n } from 'vue-i18n';
import { asProblem } from '../api/problem';
import { isolated } from '../i18n/isolate';
import { useProblemText } from '../i18n/problem-text';
import type { Ring } from '../live/desk-list';
import { useDesk } from '../live/desk-store';
import { useInbox } from '../live/inbox-store';
import { useNames } from '../live/names';
import { useSites } from '../settings/sites-store';
import { useBegun } from '../ui/begun';
import { useClock } from '../ui/clock';
import { useToasts } from '../ui/toasts';

/** A conversation that rings, with what an agent decides by. */
export interface Offer extends Ring {
  key: string;
  visitorId: string;
  /** What the visitor calls themselves; often nothing. */
  givenName: string;
  visitorName: string;
  preview: string;
  /** Where there are several. */
  site: string;
  level: number;
  busy: boolean;
}

export type Offers = ReturnType<typeof useOffers>;

/** Runs the listener when offers have come, or gone. */
export function useOfferChanges(offers: Offers, listener: (come: Offer[], gone: string[]) => void): void {
  watch(
    () => offers.list.value.map(({ key }) => key),
    (now, before) => {
      const come = offers.list.value.filter(({ key }) => !before.includes(key));
      const gone = before.filter((key) => !now.includes(key));
      if (come.length + gone.length > 0) listener(come, gone);
    },
  );
}

/** One assignment rings once: the same conversation may come back under another one. */
const keyOf = ({ conversation, assignmentEpoch }: Ring) => `${conversation}.${assignmentEpoch}`;

export function useOffers() {
  const { t } = useI18n();
  const router = useRouter();
  const desk = useDesk();
  const inbox = useInbox();
  const names = useNames();
  const sites = useSites();
  const toasts = useToasts();
  const begun = useBegun();
  const problemText = useProblemText();
  const now = useClock(1000);
  /** Those whose answer is under way. */
  const busy = reactive(new Set<string>());
  /** Those that were answered or refused, whatever the list still says of them. */
  const over = reactive(new Set<string>());

  const list = computed<Offer[]>(() =>
    desk.rings.filter((ring) => !over.has(keyOf(ring)) && ring.ringUntil > now.value + desk.clockAhead).map(offerOf),
  );

  function offerOf(ring: Ring): Offer {
    const key = keyOf(ring);
    const row = inbox.all.get(ring.conversation);
    const visitorId = row?.visitorId ?? '';
    const givenName = row?.visitorName ?? '';
    const site = row && sites.sites.length > 1 ? sites.nameOf(row.site) : '';
    const visitorName = names.visitor(givenName, visitorId);
    return { ...ring, key, visitorId, givenName, visitorName, preview: row?.preview ?? '', site, level: row?.level ?? 0, busy: busy.has(key) };
  }

  // What the Desk did not say of a row the API knows.
  watch(list, (offers) => {
    const rows = offers.map(({ conversation }) => inbox.all.get(conversation));
    void inbox.fill(rows.filter((row) => row !== undefined));
  });

  /** Whether the answer went through. */
  async function answer(offer: Offer, send: (ring: Ring) => Promise<unknown>): Promise<boolean> {
    if (busy.has(offer.key)) return false;
    busy.add(offer.key);
    try {
      await send(offer);
      over.add(offer.key);
      return true;
    } catch (error) {
      const problem = asProblem(error);
      toasts.show(problemText(problem), 'problem');
      // A refusal is final. An answer that was lost on the way can be given again, as long as it rings.
      if (!problem.transient) over.add(offer.key);
      return false;
    } finally {
      busy.delete(offer.key);
    }
  }

  /** Takes the conversation and opens it; from what is begun here, its agent goes there when they want to. */
  async function accept(offer: Offer): Promise<void> {
    if (!(await answer(offer, desk.accept))) return;
    const open = () => router.push(`/inbox/mine/${offer.conversation}`);
    if (!begun.any()) return void (await open());
    toasts.show(t('offers.accepted', { name: isolated(offer.visitorName) }), 'info', { label: t('offers.open'), run: () => void open() });
  }

  /** Lets somebody else be asked. */
  async function decline(offer: Offer): Promise<void> {
    await answer(offer, desk.decline);
  }

  return { list, accept, decline };
}
