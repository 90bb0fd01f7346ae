// The console's addresses, and who may see which.

import { createRouter, createWebHistory } from 'vue-router';
import type { RouteLocationNormalized, Router } from 'vue-router';
import type { useSession } from './session/store';

type Session = ReturnType<typeof useSession>;

const AppShell = () => import('./shell/AppShell.vue');

const routes = [
  { path: '/', redirect: '/inbox/mine' },
  { path: '/login', name: 'login', component: () => import('./auth/LoginView.vue'), meta: { open: true } },
  { path: '/setup', name: 'setup', component: () => import('./auth/SetupView.vue'), meta: { open: true } },
  { path: '/link', name: 'link', component: () => import('./auth/LinkView.vue'), meta: { open: true } },
  {
    path: '/',
    component: AppShell,
    children: [
      {
        path: 'inbox/:view(mine|unassigned|follow_up|all|team_[0-9a-zA-Z]+)/:conversation(cnv_[0-9a-zA-Z]+)?',
        name: 'inbox',
        component: () => import('./inbox/InboxView.vue'),
      },
      { path: 'start', name: 'start', component: () => import('./start/StartPage.vue'), meta: { manages: true } },
      { path: 'board', name: 'board', component: () => import('./board/BoardView.vue'), meta: { manages: true } },
      { path: 'bot', redirect: '/bot/intents' },
      {
        path: 'bot/:page(intents|library|training|teach|faq|articles|report|general)',
        name: 'bot',
        component: () => import('./bot/BotView.vue'),
      },
      {
        path: 'settings',
        component: () => import('./settings/SettingsView.vue'),
        children: [
          { path: '', name: 'settings', redirect: { name: 'profile' } },
          { path: 'profile', name: 'profile', component: () => import('./settings/ProfilePage.vue') },
          { path: 'preferences', name: 'preferences', component: () => import('./settings/PreferencesPage.vue') },
          { path: 'agents', name: 'agents', component: () => import('./settings/AgentsPage.vue') },
          // Where the agents were before there were teams.
          { path: 'team', redirect: { name: 'agents' } },
          { path: 'teams', name: 'teams', component: () => import('./settings/TeamsPage.vue'), meta: { manages: true } },
          { path: 'tags', name: 'tags', component: () => import('./settings/TagsPage.vue'), meta: { manages: true } },
          { path: 'sites', name: 'sites', component: () => import('./settings/SitesPage.vue') },
          { path: 'routing', name: 'routing', component: () => import('./settings/RoutingPage.vue'), meta: { manages: true } },
          { path: 'decisions', name: 'decisions', component: () => import('./settings/DecisionsPage.vue'), meta: { manages: true } },
          { path: 'hours', name: 'hours', component: () => import('./settings/HoursPage.vue'), meta: { manages: true } },
        ],
      },
    ],
  },
  { path: '/:rest(.*)*', redirect: '/inbox/mine' },
];

/** Where the guard sends a navigation, or nothing when it may go on. */
function guard(session: Session, to: RouteLocationNormalized) {
  // A link is for whoever holds it, signed in or not.
  if (to.name === 'link') return undefined;
  if (session.me) {
    if (session.me.role === 'agent') {
      if (to.meta.manages) return { name: 'profile', replace: true };
      // Of the bot's pages agents have one.
      if (to.name === 'bot' && to.params.page !== 'teach') return { name: 'bot', params: { page: 'teach' }, replace: true };
    }
    return to.meta.open ? { path: '/inbox/mine', replace: true } : undefined;
  }
  if (session.setupNeeded) return to.name === 'setup' ? undefined : { name: 'setup', replace: true };
  if (to.meta.open) return to.name === 'setup' ? { name: 'login', replace: true } : undefined;
  const wanted = to.path === '/inbox/mine' ? {} : { to: to.fullPath };
  return { name: 'login', query: wanted, replace: true };
}

/** The router under the console's base. */
export function makeRouter(session: Session): Router {
  const router = createRouter({ history: createWebHistory(import.meta.env.BASE_URL), routes });
  router.beforeEach(async (to) => {
    if (to.name === 'link') return true;
    if (!session.started && !(await session.start())) return true;
    return guard(session, to) ?? true;
  });
  return router;
}
