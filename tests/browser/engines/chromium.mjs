// Chromium, by playwright-core.
import { launch as start } from '../browser.mjs';
import { still } from './still.mjs';

class Page {
  /** `find`: where a selector is looked for. */
  constructor(page, find = (selector) => page.locator('bellhop-chat').locator(selector).first()) {
    this.page = page;
    this.find = find;
  }

  async ask(fn, ...given) {
    return (await this.page.evaluate(`(${fn})(...${JSON.stringify(given)})`)) ?? null;
  }

  async click(selector) {
    await this.find(selector).click();
  }

  async type(selector, text) {
    await this.click(selector);
    for (const key of text) await (key === '\n' ? this.page.keyboard.press('Enter') : this.page.keyboard.type(key));
  }

  /** Headless, every tab is shown: the page is told. */
  away() {
    return this.ask(() => window.net.pretend(true));
  }

  back() {
    return this.ask(() => window.net.pretend(false));
  }

  /** As its user clears it: pages hear of that. */
  async clear() {
    const session = await this.page.context().newCDPSession(this.page);
    await session.send('Storage.clearDataForOrigin', { origin: new URL(this.page.url()).origin, storageTypes: 'all' });
    await session.detach();
    await this.ask(() => sessionStorage.clear());
  }

  /** Its own word for it (`Page.setWebLifecycleState`) stops nothing in a headless one. The answer thaws. */
  async freeze() {
    const session = await this.page.context().browser().newBrowserCDPSession();
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    await session.detach();
    return still(processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id));
  }

  /** The browser says so many times that it is offline, and online again. */
  async flap(times) {
    const session = await this.page.context().newCDPSession(this.page);
    const say = (offline) => session.send('Network.emulateNetworkConditions', { offline, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
    for (let i = 0; i < times; i++) for (const offline of [true, false]) await say(offline);
    await session.detach();
  }

  close() {
    return this.page.close();
  }
}

export async function launch() {
  const browser = await start();
  const newContext = () => browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en' });
  const context = await newContext();
  return {
    name: 'Chromium',
    version: browser.version(),
    async open(url) {
      const page = await context.newPage();
      await page.goto(url);
      return new Page(page);
    },
    /** For pages that are no shop: a profile of their own. */
    context: newContext,
    page: (page, find) => new Page(page, find),
    close: () => browser.close(),
  };
}
