// Who is signed in. Every page waits for `start`, and every ended session passes through `end`.

import { defineStore } from 'pinia';
import { ref, watch } from 'vue';
import { asProblem } from '../api/problem';
import type { Problem } from '../api/problem';
import { session as api } from '../api/routes';
import type { Me } from '../api/types';
import { forgetPictures, learnPicture } from '../ui/pictures';
import { remember } from './preferences';

/** Why the login page is shown, when it is not simply the first visit. */
export type EndReason = '' | 'expired' | 'signed_out' | 'signed_out_everywhere';

/** Under this name the browser remembers who signed in last, for its other tabs to hear. */
export const SIGNED_IN = 'agent';

export const useSession = defineStore('session', () => {
  const me = ref<Me | null>(null);
  const setupNeeded = ref(false);
  const started = ref(false);
  const endReason = ref<EndReason>('');
  /** Set while the server cannot be asked who we are; the app shows it and tries again. */
  const startProblem = ref<Problem | null>(null);

  watch(me, (now, before) => {
    if (now?.id !== before?.id) forgetPictures();
    if (now) learnPicture(now.id, now.picture);
    if (now && now.id !== before?.id) remember(SIGNED_IN, now.id);
  }, { flush: 'sync' });

  /** Asks who is signed in. Resolves false when the server could not be asked. */
  async function start(): Promise<boolean> {
    try {
      me.value = (await api.me()).me;
    } catch (error) {
      const problem = asProblem(error);
      if (problem.code !== 'unauthorized') return failed(problem);
      me.value = null;
      endReason.value = '';
      try {
        setupNeeded.value = (await api.setupNeeded()).needed;
      } catch (second) {
        return failed(asProblem(second));
      }
    }
    startProblem.value = null;
    started.value = true;
    return true;
  }

  /** Asks again what may have been changed for the agent meanwhile. Whom the server no longer knows hears of it; anything else can wait. */
  async function look(): Promise<void> {
    const before = me.value;
    try {
      const found = (await api.me()).me;
      // What was changed here meanwhile is newer, and somebody else is for the tickets to find out.
      if (me.value === before && found.id === before?.id) me.value = found;
    } catch {
      // What was known holds until the next look.
    }
  }

  function failed(problem: Problem): false {
    startProblem.value = problem;
    return false;
  }

  /** Takes the answer of login, set-up or a link. */
  function enter(next: Me): void {
    me.value = next;
    setupNeeded.value = false;
    endReason.value = '';
    started.value = true;
  }

  /** Why it is about to end: a socket may say that it has before the server's answer comes. */
  let leaving: EndReason = '';

  /** Forgets who was signed in, and why. */
  function end(reason: EndReason): void {
    if (me.value === null) return;
    me.value = null;
    endReason.value = leaving || reason;
  }

  async function leave(reason: EndReason, ask: () => Promise<unknown>): Promise<void> {
    leaving = reason;
    try {
      await ask();
      end(reason);
    } finally {
      leaving = '';
    }
  }

  const logout = () => leave('signed_out', api.logout);
  const logoutEverywhere = () => leave('signed_out_everywhere', api.logoutEverywhere);

  return { me, setupNeeded, started, endReason, startProblem, start, look, enter, end, logout, logoutEverywhere };
});
