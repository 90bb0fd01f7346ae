// Chromium, by playwright-core.
import { launch as start } from '../browser.mjs';

const inside = (page, selector) => page.locator('bellhop-chat').locator(selector).first();

class Page {
  constructor(page) {
    this.page = page;
  }

  async ask(fn, ...given) {
    return (await this.page.evaluate(`(${fn})(...${JSON.stringify(given)})`)) ?? null;
  }

  async click(selector) {
    await inside(this.page, selector).click();
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

  close() {
    return this.page.close();
  }
}

export async function launch() {
  const browser = await start();
  const context = await browser.newContext({ viewport: { width: 1000, height: 760 } });
  return {
    name: 'Chromium',
    version: browser.version(),
    async open(url) {
      const page = await context.newPage();
      await page.goto(url);
      return new Page(page);
    },
    close: () => browser.close(),
  };
}
