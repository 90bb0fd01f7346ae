// The example shop speaks two languages: both stand in the page, the style sheet shows one. Runs before the body.
(() => {
  const LANGUAGES = ['en', 'zh-CN'];
  const root = document.documentElement;

  // Commands given before the widget has come are kept for it.
  window.Bellhop ??= function () {
    (window.Bellhop.q ??= []).push(arguments);
  };

  const pick = (wanted) => (/^zh\b/i.test(wanted) ? 'zh-CN' : 'en');

  const speak = (lang) => {
    root.lang = lang;
    const title = document.querySelector(`meta[name="title"][lang="${lang}"]`);
    if (title) document.title = title.content;
    for (const link of document.querySelectorAll('[data-lang]')) {
      if (link.dataset.lang === lang) link.setAttribute('aria-current', 'true');
      else link.removeAttribute('aria-current');
    }
    // The choice goes along to the other page.
    for (const link of document.querySelectorAll('a[data-page]')) link.search = new URLSearchParams({ lang });
  };

  const asked = new URLSearchParams(location.search).get('lang');
  root.lang = pick(asked ?? navigator.language);

  document.addEventListener('DOMContentLoaded', () => {
    speak(root.lang);
    document.addEventListener('click', (event) => {
      const { lang, chat } = event.target.closest('[data-lang], [data-chat]')?.dataset ?? {};
      if (chat !== undefined) window.Bellhop('open');
      if (!LANGUAGES.includes(lang)) return;
      event.preventDefault();
      history.replaceState(null, '', '?' + new URLSearchParams({ lang }));
      speak(lang);
      window.Bellhop('setLocale', lang);
    });
  });
})();
