// Puts the chat of the site that the address names after its `#` on this page, as a site owner's snippet does.
(() => {
  const site = location.hash.slice(1);
  if (!/^site_[0-9a-z]+$/i.test(site)) {
    document.querySelector('#none').hidden = false;
    return;
  }
  // Another site in the same window is another page.
  addEventListener('hashchange', () => location.reload());
  const source = '/widget.js';
  const policy = window.trustedTypes?.createPolicy('try', { createScriptURL: (url) => (url === source ? url : '') });
  const script = document.createElement('script');
  script.dataset.site = site;
  script.src = policy ? policy.createScriptURL(source) : source;
  document.head.append(script);
  // On a phone it covers the page.
  if (innerWidth > 480) window.Bellhop('open');
})();
