// Somebody's page with the widget in it, under the strictest policy that lets the widget in at all: nothing but our host,
// and Trusted Types. The spy is the page's own script.
import { createServer } from 'node:http';
import { DEMO_SITE } from '../../e2e/lib/world.mjs';
import { spy } from './spy.mjs';

/** Serves the page on an origin of its own, so that its visitor is nobody else's; `host` is the widget's. */
export async function shop(host, { storageBlocked = false } = {}) {
  const csp = `default-src 'none'; script-src 'nonce-shop' ${host}; connect-src ${host} ${host.replace('http', 'ws')}; require-trusted-types-for 'script'; trusted-types 'none'`;
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Shop</title>
<script nonce="shop">(${spy})(${JSON.stringify({ storageBlocked })})</script>
<body><h1>Shop</h1><script async src="${host}/widget.js" data-site="${DEMO_SITE}"></script></body></html>`;
  const server = createServer((request, response) => {
    const found = request.url === '/';
    response.writeHead(found ? 200 : 404, { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': csp, 'Cache-Control': 'no-store' });
    response.end(found ? html : '');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://localhost:${server.address().port}/`, close: () => (server.closeAllConnections(), server.close()) };
}
