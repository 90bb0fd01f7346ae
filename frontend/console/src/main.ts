// The console's entry: stores, languages, routes, and what the root element says about language and theme.

import { createPinia } from 'pinia';
import { createApp, watchEffect } from 'vue';
import App from './App.vue';
import { whenUnauthorized } from './api/client';
import { makeI18n } from './i18n';
import { makeRouter } from './router';
import { followOtherTabs } from './session/one-agent';
import { usePreferences } from './session/preferences';
import { useSession } from './session/store';
import './styles/tokens.css';
import './styles/base.css';
import './styles/overlays.css';
import './styles/forms.css';
import './styles/choices.css';
import './styles/board.css';

const app = createApp(App);
app.use(createPinia());

const preferences = usePreferences();
const session = useSession();
const i18n = makeI18n(preferences.locale);
const router = makeRouter(session);

watchEffect(() => {
  i18n.global.locale.value = preferences.locale;
  document.documentElement.lang = preferences.locale;
});

watchEffect(() => {
  if (preferences.theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = preferences.theme;
});

whenUnauthorized(() => session.end('expired'));
followOtherTabs(session);

app.use(i18n);
app.use(router);
app.mount('#app');
