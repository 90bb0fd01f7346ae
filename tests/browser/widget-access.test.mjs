// The widget for everybody: by keyboard alone, with a screen reader, on a phone, and where the page runs from right to left.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawn, until } from './browser.mjs';
import { findings } from './axe.mjs';
import { bubbles, field, holds, it, launcher, line, MEI, open, panel, progress, room, say, shows, stage, visit, visitor } from './widget-fixture.mjs';

stage();

test('the whole of it by keyboard alone', async () => {
  const page = await visit(await visitor());
  const active = () => page.evaluate(() => document.activeElement.shadowRoot?.activeElement?.className || document.activeElement.shadowRoot?.activeElement?.tagName || document.activeElement.tagName);
  await page.keyboard.press('Tab');
  assert.equal(await active(), 'launcher');
  await page.keyboard.press('Enter');
  await field(page).waitFor();
  await until(async () => (await active()) === 'TEXTAREA', 'focus in the field');
  await page.keyboard.type('line one');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('line two');
  await page.keyboard.press('Enter');
  await holds(page, ['line one\nline two']);
  await page.keyboard.press('Shift+Tab');
  assert.equal(await active(), 'log');
  await page.keyboard.press('Shift+Tab');
  assert.equal(await active(), 'close');
  await page.keyboard.press('Escape');
  await panel(page).waitFor({ state: 'hidden' });
  assert.equal(await active(), 'launcher');
  assert.equal(await launcher(page).getAttribute('aria-expanded'), 'false');
});

test('Enter that ends a composition sends nothing; keys do not reach the page', async () => {
  const page = await visit(await visitor());
  await page.evaluate(() => {
    window.heard = [];
    document.addEventListener('keydown', (event) => window.heard.push(event.key));
  });
  await open(page);
  await field(page).fill('你好');
  const press = (init) => field(page).evaluate((node, init) => node.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, composed: true, cancelable: true, ...init })), init);
  await press({ isComposing: true });
  await press({ keyCode: 229 });
  // Both in one turn: Safari's Enter comes at most some milliseconds after the end.
  await field(page).evaluate((node) => {
    node.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true }));
    node.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, composed: true, cancelable: true }));
  });
  assert.equal(await field(page).inputValue(), '你好');
  // What follows the end at once is the composition's own: later, Enter sends.
  await until(async () => (await press({}), await field(page).inputValue()) === '', 'an Enter that sends');
  await holds(page, ['你好']);
  assert.deepEqual(await page.evaluate(() => window.heard), []);
});

test('a screen reader hears what is new, and no history', async () => {
  const context = await visitor();
  let page = await visit(context);
  await open(page);
  await say(page, 'hello');
  await shows(progress(page), /Sent$/);
  const there = await room();
  const heard = (page) => panel(page).locator('[aria-live=polite]').allTextContents();
  there.says(MEI, 'a new one');
  await until(async () => (await heard(page)).join() === 'Mei Chen: a new one', 'said aloud');
  await page.close();
  page = await visit(context);
  await open(page);
  await holds(page, ['hello', 'a new one']);
  assert.deepEqual(await heard(page), ['']);
  assert.equal(await panel(page).getByRole('log').getAttribute('aria-label'), 'Messages');
  assert.ok(await panel(page).evaluate((node) => node.matches(':not(:modal)')));
});

for (const colorScheme of ['light', 'dark']) {
  for (const lang of ['en', 'zh-CN']) {
    test(`axe finds nothing: ${colorScheme}, ${lang}, closed, open, offline, refused`, async () => {
      const page = await visit(await visitor({ colorScheme, locale: lang }), { lang, attrs: 'data-color="#c2410c"', head: '<meta name="color-scheme" content="light dark">' });
      assert.deepEqual(await findings(page), []);
      await open(page);
      it.server.onSend = ({ text }) => text === 'bad' && { error: { code: 'bad_request' } };
      await say(page, 'hello https://example.com');
      await shows(progress(page), /(Sent|已发送)$/);
      const there = await room();
      there.agents = [MEI];
      there.tell({ presence: { agents: [MEI] } });
      there.happens({ kind: 2, subject: MEI });
      there.says(MEI, 'answer, see www.example.com');
      there.tell({ typing: { on: true, participant: MEI } });
      await panel(page).locator('.typing-row').waitFor();
      await say(page, 'bad');
      await panel(page).locator('.failed').waitFor();
      assert.deepEqual(await findings(page), []);
      it.server.cut();
      await say(page, 'waits');
      await until(() => line(page).isVisible(), 'a line');
      assert.deepEqual(await findings(page), []);
    });
  }
}

test('a phone gets the whole screen, no zoom, and a dialog that keeps the focus', async () => {
  const page = await visit(await visitor({ viewport: { width: 390, height: 700 }, hasTouch: true, isMobile: true }), { body: '<a href="#">A link</a>' });
  await launcher(page).tap();
  await field(page).waitFor();
  const box = async () => Object.values(await panel(page).boundingBox()).join();
  await until(async () => (await box()) === '0,0,390,700', 'the whole screen');
  assert.ok(await page.evaluate(() => document.querySelector('bellhop-chat').shadowRoot.elementFromPoint(360, 670).closest('.panel')), 'the launcher is covered');
  assert.equal(await field(page).evaluate((node) => getComputedStyle(node).fontSize), '16px');
  assert.ok(await panel(page).evaluate((node) => node.matches(':modal')));
  assert.equal(await page.evaluate(() => document.activeElement.shadowRoot.activeElement.tagName), 'DIALOG', 'no keyboard that nobody asked for');
  for (let i = 0; i < 8; i++) {
    await page.keyboard.press('Tab');
    // Between the last and the first stop is the browser itself, never the page behind.
    assert.ok(await page.evaluate(() => document.activeElement.matches('bellhop-chat, body')), 'Tab ' + i);
  }
  await panel(page).getByRole('button', { name: 'Close chat' }).tap();
  await launcher(page).waitFor();
});

test('right to left: the page decides the side, each text its own direction', async () => {
  const page = await visit(await visitor(), { lang: 'ar', dir: 'rtl' });
  assert.ok((await launcher(page).boundingBox()).x < 100);
  await open(page);
  await say(page, 'مرحبا');
  await say(page, 'hello');
  await shows(progress(page), /Sent$/);
  // Found and measured in one step: a row that gets further draws its bubble anew.
  const side = (text) => panel(page).locator('.log').evaluate((log, wanted) => {
    const node = [...log.querySelectorAll('.own .bubble')].find((one) => one.textContent === wanted);
    return [getComputedStyle(node).direction, Math.round(node.getBoundingClientRect().left - log.getBoundingClientRect().left)];
  }, text);
  assert.deepEqual(await side('مرحبا'), ['rtl', 16]);
  assert.deepEqual(await side('hello'), ['ltr', 16]);
  // The title stands beside the face, and the parts under a message beside each other, in the page's order.
  const { title, face } = await panel(page).locator('.head').evaluate((head) => ({ title: head.querySelector('h2').getBoundingClientRect().right, face: head.querySelector('.face').getBoundingClientRect().left }));
  assert.equal(face - title, 12);
  const [time, state] = await progress(page).locator('span').evaluateAll((parts) => parts.map((part) => part.getBoundingClientRect()));
  assert.ok(time.left - state.right >= 5, `${time.left} ${state.right}`);
});

test('right to left: what the widget says ends where its own language ends', async () => {
  const context = await visitor();
  const page = await visit(context, { lang: 'ar', dir: 'rtl' });
  /** Whether the text's last sign stands to the right of its first one, in the same line or below it. */
  const ends = async (locator) => {
    await locator.waitFor();
    return locator.evaluate((node) => {
      const words = document.createTreeWalker(node, NodeFilter.SHOW_TEXT).nextNode();
      const [first, last] = [0, words.length - 1].map((at) => {
        const range = document.createRange();
        range.setStart(words, at);
        range.setEnd(words, at + 1);
        return range.getBoundingClientRect();
      });
      return last.top > first.top || last.left > first.left;
    });
  };
  await open(page);
  await say(page, 'hello');
  await shows(progress(page), /Sent$/);
  (await room()).turns({ status: 4 });
  const ended = panel(page).locator('.event-row');
  await shows(ended, /\.$/);
  assert.equal(await ends(ended), true);

  const now = Date.now();
  it.server.site = { ...it.server.site, closed: [[now - 3_600_000, now + 75_600_000]] };
  const closed = await visit(await visitor(), { lang: 'ar', dir: 'rtl' });
  await launcher(closed).click();
  const form = panel(closed).locator('.away form');
  for (const text of [form.locator('.why'), form.locator('.why + p'), form.locator('label').first()]) assert.equal(await ends(text), true, await text.textContent());
  await form.locator('.primary').click();
  assert.equal(await ends(form.locator('.fault').nth(1)), true);
  await form.locator('[type=email]').fill('lei@shop.example');
  await form.locator('textarea').fill('مرحبا');
  assert.equal(await form.locator('textarea').evaluate((node) => getComputedStyle(node).direction), 'rtl', 'what is written runs its own way');
  await form.locator('.primary').click();
  assert.equal(await ends(panel(closed).locator('.away .why[tabindex]')), true);
});

test('a link is drawn in its own order, whatever turns letters round before it', async () => {
  const page = await visit(await visitor());
  await open(page);
  await say(page, 'one');
  await shows(progress(page), /Sent$/);
  (await room()).says(MEI, '\u202ehttps://e.example/a/moc');
  const link = bubbles(page).locator('a');
  await link.waitFor();
  assert.equal(await drawn(link), 'https://e.example/a/moc');
});
