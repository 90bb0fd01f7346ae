// The first day on the real server: the owner tries the site's chat on a page of ours and answers it, which shows nothing of the
// snippet; then a visitor writes on a page of the owner's.
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { demo } from '../../scripts/lib/demo.mjs';
import { DEMO_SITE, world } from '../e2e/lib/world.mjs';
import { launch } from './browser.mjs';
import { accessible, becomes, clean, heard, open, openWidget, panel, profile, reply, row, signIn, write } from './story-pages.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser?.close());

/** A customer's own server, with the snippet on its one page. */
async function customer(t, snippet) {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(`<!doctype html><html lang="en"><title>Shop</title><main><h1>Shop</h1></main>${snippet}</html>`);
  });
  await new Promise((resolve) => server.listen(0, 'localhost', resolve));
  t.after(() => server.close());
  return `http://localhost:${server.address().port}/lamps`;
}

test('from the first steps to a test chat, its answer, and a page on which the widget was seen', async (t) => {
  const it = await world(t, { seed: { ...demo, site: { ...demo.site, domains: ['localhost'] } } });
  const owners = await profile(t, browser);
  const desk = await signIn(owners, it.url, it.people.owner);
  const steps = () => desk.locator('.start-list li.done').evaluateAll((all) => all.map((step) => step.dataset.step));
  await desk.goto(`${it.url}/console/start`);
  await becomes(steps, ['site', 'agents'], 'what the demo brings');
  const snippet = await desk.getByRole('textbox', { name: 'Snippet' }).inputValue();

  const address = await desk.getByRole('link', { name: 'Open a test chat' }).getAttribute('href');
  const chat = await open(owners, it.url + address);
  await panel(chat).locator('textarea').waitFor();
  await accessible(chat, 'the test page');
  await write(chat, 'Does it work?');
  await desk.getByRole('link', { name: 'To the inbox' }).click();
  await row(desk).click();
  await desk.locator('article.message', { hasText: 'Does it work?' }).waitFor();
  await reply(desk, 'It does.');
  await becomes(() => heard(chat), ['Does it work?', 'It does.'], 'the answer on the test page');
  await desk.getByRole('link', { name: 'Start' }).click();
  await becomes(steps, ['site', 'agents', 'answer'], 'answered, and not seen on a page of the owner’s');

  const shop = await open(await profile(t, browser), await customer(t, snippet));
  await openWidget(shop);
  await write(shop, 'Hello from the shop');
  await becomes(steps, ['site', 'snippet', 'agents', 'answer'], 'seen');
  await desk.getByText(/^Seen on .*localhost:\d+/).waitFor();
  await clean(desk);
  await clean(chat);
});

test('a test page that names no site says so', async (t) => {
  const it = await world(t);
  const page = await open(await profile(t, browser, { locale: 'zh-CN' }), `${it.url}/demo/try.html#${encodeURIComponent('"><script>')}`);
  await page.getByText('此页面的地址中没有站点').waitFor();
  await page.goto(`${it.url}/demo/try.html#${DEMO_SITE}`);
  await page.reload();
  await panel(page).locator('textarea').waitFor();
  await clean(page);
});
