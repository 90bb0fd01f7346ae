// "Did this help?" under a bot's answer: said once or changed, by mouse and keyboard, over reloads and cuts, and a person for whom it did not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from './browser.mjs';
import { findings } from './axe.mjs';
import { field, holds, it, MEI, open, panel, room, say, stage, visit, visitor } from './widget-fixture.mjs';

stage();

const PENDING = { status: 1 };
const ANSWER = 'Nine to five.';
const group = (page, name = 'Did this help?') => panel(page).getByRole('group', { name });
const yes = (page) => group(page).getByRole('button', { name: 'Yes, it helped' });
const no = (page) => group(page).getByRole('button', { name: 'No, it did not help' });
const person = (page) => group(page).getByRole('button', { name: 'Talk to a person' });
/** The button that is always there. */
const way = (page) => panel(page).locator('.person button');
const rates = () => it.server.room.frames.flatMap((frame) => frame.rate ?? []).map(({ seq, helpful }) => [seq, helpful]);
const sends = () => it.server.room.frames.flatMap((frame) => frame.send ?? []).map(({ text, choice }) => [text, choice]);
const heard = (page) => panel(page).locator('[aria-live=polite] p').allTextContents();
const pressed = async (page) => [await yes(page).getAttribute('aria-pressed'), await no(page).getAttribute('aria-pressed')];
const asks = (page) => panel(page).locator('.rate span').textContent();
const focused = (page) => page.evaluate(() => document.activeElement.shadowRoot?.activeElement?.ariaLabel);
const becomes = async (look, expected, what) => {
  let last;
  await until(async () => JSON.stringify((last = await look())) === JSON.stringify(expected), what).catch(() => assert.deepEqual(last, expected, what));
};

/** A conversation in which the bot has answered. */
async function answered(options = {}, query = {}) {
  // A text that fades in has too little contrast for a moment.
  const page = await visit(await visitor({ reducedMotion: 'reduce', ...options }), query);
  await open(page);
  await say(page, 'when do you open');
  const there = await room();
  await until(() => there.log.length === 1, 'the question');
  there.turns(PENDING);
  there.answers(ANSWER);
  await panel(page).locator('.rate').waitFor();
  return page;
}

test('a verdict is said, may be changed, and is there after a reload', async () => {
  const page = await answered();
  assert.deepEqual([await asks(page), await pressed(page), rates()], ['Did this help?', ['false', 'false'], []]);
  await yes(page).click();
  await becomes(() => pressed(page), ['true', 'false'], 'pressed');
  assert.equal(await asks(page), 'Thanks for telling us.');
  assert.equal(await person(page).count(), 0);
  await becomes(async () => rates(), [[2, true]], 'told');
  await no(page).click();
  await becomes(async () => rates(), [[2, true], [2, false]], 'told anew');
  assert.deepEqual(await pressed(page), ['false', 'true']);
  await page.reload();
  await becomes(() => pressed(page), ['false', 'true'], 'as the server has it');
  await person(page).waitFor();
  assert.deepEqual(await heard(page), [], 'what was said long ago is not read out');
  assert.deepEqual(rates().length, 2, 'and not told again');
  assert.deepEqual(page.problems, []);
});

test('whom it did not help can have a person', async () => {
  const page = await answered();
  await no(page).click();
  assert.equal(await asks(page), 'Thanks for telling us. Would you like to talk to a person?');
  await person(page).click();
  await holds(page, ['when do you open', ANSWER, 'Talk to a person']);
  await becomes(async () => sends(), [['when do you open', ''], ['Talk to a person', 'human']], 'as the button of a question back says it');
  await becomes(() => group(page).count(), 0, 'the question goes with it');
  assert.equal(await page.evaluate(() => document.activeElement.shadowRoot.activeElement.tagName), 'TEXTAREA');
  // Who waits for people already is offered none, nor is whoever may press it under the answer.
  it.server.room.turns({ status: 2 });
  it.server.room.answers('Ten to six.');
  await no(page).click();
  assert.deepEqual([await asks(page), await person(page).count()], ['Thanks for telling us.', 0]);
  it.server.room.turns(PENDING);
  await person(page).waitFor();
  it.server.room.answers('Or eleven.', { human: 'Ask Mei' });
  await becomes(() => pressed(page), ['false', 'false'], 'of another answer');
  await no(page).click();
  assert.equal(await person(page).count(), 0);
  assert.deepEqual(page.problems, []);
});

test('a person is one press away as long as the bot has the conversation', async () => {
  const page = await visit(await visitor());
  await open(page);
  assert.equal(await way(page).count(), 0, 'nothing was said');
  await say(page, 'when do you open');
  const there = await room();
  await until(() => there.log.length === 1, 'the question');
  there.turns(PENDING);
  await way(page).waitFor();
  there.answers(ANSWER);
  await group(page).waitFor();
  await no(page).click();
  await way(page).waitFor({ state: 'hidden' });
  await person(page).waitFor();
  await yes(page).click();
  await way(page).focus();
  await page.keyboard.press('Enter');
  await holds(page, ['when do you open', ANSWER, 'Talk to a person']);
  await becomes(async () => sends(), [['when do you open', ''], ['Talk to a person', 'human']], 'as the other buttons say it');
  await way(page).waitFor({ state: 'hidden' });
  assert.equal(await page.evaluate(() => document.activeElement.shadowRoot.activeElement.tagName), 'TEXTAREA', 'the focus is not lost with it');
  there.says({ kind: 3 }, 'Somebody is coming.');
  await way(page).waitFor();
  for (const state of [{ status: 2 }, { status: 1, assignee: MEI }, { status: 4 }]) {
    there.turns(state);
    await way(page).waitFor({ state: 'hidden' });
    there.turns(PENDING);
    await way(page).waitFor();
  }
  assert.equal(sends().length, 2, 'once');
  assert.deepEqual(page.problems, []);
});

test('by keyboard, and heard', async () => {
  const page = await answered();
  await field(page).focus();
  await page.keyboard.press('Shift+Tab');
  assert.equal(await way(page).evaluate((node) => node.getRootNode().activeElement === node), true, 'the way back from the field leads to a person');
  await page.keyboard.press('Shift+Tab');
  await becomes(() => focused(page), 'No, it did not help', 'and there');
  await page.keyboard.press('Enter');
  await becomes(async () => (await heard(page)).at(-1), 'Thanks for telling us. Would you like to talk to a person?', 'thanks');
  assert.equal(await focused(page), 'No, it did not help', 'the focus stays');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press(' ');
  await becomes(async () => (await heard(page)).at(-1), 'Thanks for telling us.', 'again');
  assert.deepEqual(await pressed(page), ['true', 'false']);
  it.server.room.says(MEI, 'I am here.');
  await becomes(() => group(page).count(), 0, 'gone');
  await becomes(() => page.evaluate(() => document.activeElement.shadowRoot.activeElement?.tagName), 'TEXTAREA', 'the focus is not lost with the button');
  assert.deepEqual(page.problems, []);
});

test('without a line it is said when there is one, once', async () => {
  const page = await answered();
  it.server.cut();
  await no(page).click();
  assert.deepEqual([await pressed(page), rates()], [['false', 'true'], []]);
  await yes(page).click();
  it.server.up();
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await becomes(async () => rates(), [[2, true]], 'the last one');
  // It has arrived: said again with the next line it would undo what another page has said since.
  it.server.cut();
  it.server.up();
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await until(() => it.server.room.sockets.size === 1, 'another line');
  await say(page, 'and on Sundays');
  await until(() => it.server.room.log.length === 3, 'which works');
  assert.deepEqual(rates(), [[2, true]]);
  assert.equal(it.server.room.log[1].rating, 2);
  assert.deepEqual(page.problems, []);
});

test('a verdict of which nobody says that it arrived is said again with the next line', async () => {
  const page = await answered();
  it.server.onRate = () => true;
  await yes(page).click();
  await becomes(async () => rates(), [[2, true]], 'told');
  it.server.onRate = undefined;
  it.server.cut();
  it.server.up();
  await page.evaluate(() => window.dispatchEvent(new Event('online')));
  await becomes(async () => rates(), [[2, true], [2, true]], 'again');
  assert.deepEqual(page.problems, []);
});

test('only the newest answer is asked about, and nothing else', async () => {
  const page = await answered();
  it.server.room.answers('And on Sundays?', {}, 0);
  await becomes(() => group(page).count(), 0, 'a message that is no answer');
  it.server.room.answers('Closed on Sundays.', { hours: 'Opening hours' });
  await group(page).waitFor();
  await becomes(() => panel(page).locator('.log > div').evaluateAll((all) => all.slice(-2).map((one) => one.className)), ['rate', 'offer'], 'above the buttons');
  await yes(page).click();
  await becomes(async () => rates(), [[4, true]], 'of this one');
  await panel(page).getByRole('button', { name: 'Opening hours' }).click();
  await becomes(() => group(page).count(), 0, 'the visitor has gone on');
  it.server.room.answers('Nine.');
  await group(page).waitFor();
  it.server.room.turns({ status: 2, assignee: MEI });
  await becomes(() => group(page).count(), 0, 'a person is here');
  assert.deepEqual(page.problems, []);
});

test('it is asked in the language of the chat, also when that changes', async () => {
  const page = await answered({ locale: 'zh-CN' }, { lang: 'zh-CN' });
  const chinese = group(page, '这个回答有帮助吗？');
  assert.equal(await way(page).textContent(), '转人工');
  await chinese.getByRole('button', { name: '没有帮助' }).click();
  await chinese.getByRole('button', { name: '转人工' }).waitFor();
  assert.equal(await asks(page), '感谢您的反馈。需要转人工吗？');
  await page.evaluate(() => window.Bellhop('setLocale', 'en'));
  await person(page).waitFor();
  assert.deepEqual([await asks(page), await pressed(page)], ['Thanks for telling us. Would you like to talk to a person?', ['false', 'true']]);
  assert.deepEqual(page.problems, []);
});

test('on a phone it is in sight, with room for a finger', async () => {
  const page = await visit(await visitor({ viewport: { width: 320, height: 568 }, hasTouch: true, isMobile: true, reducedMotion: 'reduce' }));
  await page.locator('.launcher').tap();
  await field(page).waitFor();
  await say(page, 'when do you open');
  const there = await room();
  await until(() => there.log.length === 1, 'the question');
  there.turns(PENDING);
  there.answers('A long story that goes on. '.repeat(40));
  await group(page).waitFor();
  await no(page).tap();
  await person(page).waitFor();
  const inside = () => panel(page).locator('.log').evaluate((log) => {
    const [last, frame] = [log.querySelector('.rate button:last-child').getBoundingClientRect(), log.getBoundingClientRect()];
    return last.bottom <= frame.bottom && last.right <= frame.right && last.left >= frame.left && log.scrollWidth <= log.clientWidth;
  });
  await becomes(inside, true, 'the offer of a person, too');
  for (const one of [yes(page), no(page), person(page)]) {
    const { width, height } = await one.boundingBox();
    assert.ok(width >= 36 && height >= 36, `${width} × ${height}`);
  }
  assert.deepEqual(page.problems, []);
});

for (const [name, colorScheme, lang, dir] of [['light', 'light', 'en', 'ltr'], ['dark, Chinese', 'dark', 'zh-CN', 'ltr'], ['right to left', 'light', 'ar', 'rtl']]) {
  test(`axe finds nothing: ${name}`, async () => {
    const page = await answered({ colorScheme, locale: lang }, { lang, dir, head: '<meta name="color-scheme" content="light dark">' });
    assert.deepEqual(await findings(page), []);
    await panel(page).locator('.rate button.turned').click();
    await panel(page).locator('.rate button').last().waitFor();
    assert.deepEqual(await findings(page), []);
    const [log, first] = await Promise.all(['.log', '.rate span'].map((part) => panel(page).locator(part).first().boundingBox()));
    const edge = dir === 'rtl' ? log.x + log.width - first.x - first.width : first.x - log.x;
    assert.ok(Math.abs(edge - 52) < 16, `under the bubble: ${edge}`);
  });
}
