// Writing in the console: replies and notes, drafts, input methods, and who takes a conversation by it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findings } from './axe.mjs';
import { becomes, bubble, clean, delivery, field, it, opened, row, stage, visitRoom } from './console-fixture.mjs';
import { STATUS } from './fake/wire.mjs';

stage();

const toast = (page) => page.locator('.toast');
const tomHas = () => (it.bo.state = { ...it.bo.state, assignee: { kind: 2, id: it.tom.id, name: it.tom.name }, assignmentEpoch: 1 });
/** His claim wins while its news is on the way; what is returned brings it. */
function tomWins() {
  const { desk } = it.world;
  desk.changed = () => {};
  it.bo.broadcast = () => {};
  tomHas();
  return () => {
    delete desk.changed;
    desk.changed(it.bo);
  };
}

test('an input method’s Enter ends a word and sends nothing; the setting moves sending to Ctrl and Enter', async () => {
  const page = await visitRoom(it.chen, { view: 'unassigned' });
  await field(page).fill('你好');
  await field(page).evaluate((element) => {
    const press = (init) => element.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...init }));
    press({ isComposing: true });
    press({ keyCode: 229 });
    element.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true }));
    press({});
  });
  assert.equal(await field(page).inputValue(), '你好');
  await page.keyboard.press('Shift+Enter');
  assert.equal(await field(page).inputValue(), '你好\n');
  await page.goto(`${it.fake.url}/console/settings/preferences`);
  await page.getByLabel('Ctrl + Enter').check();
  await page.goto(`${it.fake.url}/console/inbox/unassigned/${it.chen.id}`);
  await opened(page);
  await field(page).fill('a');
  await page.keyboard.press('Enter');
  assert.equal(await field(page).inputValue(), 'a\n');
  await page.keyboard.press('Control+Enter');
  await becomes(() => it.chen.last.text, 'a', 'sent');
  await clean(page);
});

test('a reply that goes while an input method composes the next one does not come back with it', async () => {
  const page = await visitRoom(it.bo, { view: 'unassigned' });
  const { desk } = it.world;
  let win;
  desk.claim = (...asked) => (win = () => Object.getPrototypeOf(desk).claim.apply(desk, asked));
  const method = await page.context().newCDPSession(page);
  const compose = (text) => method.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
  await field(page).fill('您好');
  await page.keyboard.press('Enter');
  await becomes(() => win !== undefined, true, 'it is being claimed');
  await compose('qing');
  win();
  await becomes(() => it.bo.last.text, '您好', 'sent');
  await bubble(page, '您好').waitFor();
  await compose('qing shao deng');
  assert.equal(await field(page).inputValue(), '您好qing shao deng', 'nothing is taken from under an input method');
  await method.send('Input.insertText', { text: '请稍等' });
  await becomes(() => field(page).inputValue(), '请稍等', 'what was sent is gone');
  await page.waitForTimeout(100);
  await page.keyboard.press('Enter');
  await becomes(() => it.bo.last.text, '请稍等', 'the next one');
  assert.equal(await field(page).inputValue(), '');
  await clean(page);
});

test('drafts belong to their conversation and survive a reload; 8,000 characters are the end', async () => {
  const page = await visitRoom(it.ada, { view: 'mine' });
  await field(page).fill('half a thought');
  await row(page, it.long).click();
  await page.getByRole('heading', { name: 'Priya Raman', level: 2 }).waitFor();
  assert.equal(await field(page).inputValue(), '');
  await row(page, it.ada).locator('.draft').waitFor();
  await row(page, it.ada).click();
  await becomes(() => field(page).inputValue(), 'half a thought', 'the draft');
  await page.reload();
  await opened(page);
  assert.equal(await field(page).inputValue(), 'half a thought');
  await field(page).fill('字'.repeat(7990));
  await page.getByText('10 characters left').waitFor();
  await field(page).fill('😀'.repeat(8000));
  assert.ok(await page.getByRole('button', { name: 'Send', exact: true }).isEnabled());
  await field(page).fill('a'.repeat(8001));
  await page.getByText('1 character too many').waitFor();
  assert.ok(await page.getByRole('button', { name: 'Send', exact: true }).isDisabled());
  await clean(page);
});

test('a note that is begun is a note when one comes back, and seen from elsewhere', async () => {
  const page = await visitRoom(it.ada, { view: 'mine' });
  const mode = (name) => page.getByRole('group', { name: 'What you write' }).getByRole('button', { name });
  const elsewhere = async () => {
    await row(page, it.long).click();
    await page.getByRole('heading', { name: 'Priya Raman', level: 2 }).waitFor();
    assert.equal(await mode('Reply').getAttribute('aria-pressed'), 'true', 'it is the conversation’s own');
  };
  await mode('Note').click();
  await field(page).fill('a suspected fraud');
  await elsewhere();
  await row(page, it.ada).locator('.draft', { hasText: 'Draft of a note:' }).waitFor();
  assert.match(await row(page, it.ada).innerText(), /a suspected fraud/u);
  await row(page, it.ada).click();
  await becomes(() => field(page).inputValue(), 'a suspected fraud', 'the note');
  assert.equal(await mode('Note').getAttribute('aria-pressed'), 'true');
  await page.reload();
  await opened(page);
  await becomes(() => field(page).inputValue(), 'a suspected fraud', 'the note');
  // The other tab says what is begun there.
  await mode('Reply').click();
  await mode('Note Draft').waitFor();
  await field(page).fill('half a reply');
  assert.deepEqual(await findings(page), []);
  await mode('Note Draft').click();
  await mode('Reply Draft').waitFor();
  await elsewhere();
  await row(page, it.ada).click();
  await becomes(() => field(page).inputValue(), 'a suspected fraud', 'what was written last');
  await field(page).press('Enter');
  await becomes(() => field(page).inputValue(), '', 'it is sent');
  assert.ok(await page.locator('form.composer.note').count());
  await elsewhere();
  await row(page, it.ada).locator('.draft', { hasText: 'Draft:' }).waitFor();
  await row(page, it.ada).click();
  await becomes(() => field(page).inputValue(), 'half a reply', 'the reply is left');
  assert.ok(!it.ada.messages.some((one) => one.text?.includes('fraud')));
  await clean(page);
});

test('a first reply takes the conversation', async () => {
  const page = await visitRoom(it.bo, { view: 'unassigned' });
  await page.getByText('Your first reply takes the conversation.').waitFor();
  await field(page).fill('Yes, I am here.');
  await page.keyboard.press('Enter');
  await becomes(() => it.bo.state.assignee?.id, it.mei.id, 'assigned');
  await becomes(() => it.bo.last.text, 'Yes, I am here.', 'sent');
  await page.locator('.activity', { hasText: 'Mei Lindqvist joined' }).waitFor();
  await clean(page);
});

test('whoever takes, reopens or sends writes next, and no letter of that is a key', async () => {
  const page = await visitRoom(it.bo, { view: 'unassigned' });
  const goesOn = async (said) => {
    await page.keyboard.type(said);
    await becomes(() => field(page).inputValue(), said, 'it stands in the field');
    await field(page).fill('');
  };
  const back = async () => {
    await page.getByRole('button', { name: /^Who has this/ }).click();
    await page.getByRole('menuitem', { name: 'Release' }).click();
    await page.getByRole('button', { name: 'Take', exact: true }).waitFor();
  };
  await page.getByRole('button', { name: 'Take', exact: true }).click();
  await becomes(() => it.bo.state.assignee?.id, it.mei.id, 'taken');
  await page.getByRole('button', { name: 'Take', exact: true }).waitFor({ state: 'detached' });
  await goesOn('Hello, one moment');
  await back();
  await page.getByRole('button', { name: 'Take', exact: true }).focus();
  await page.keyboard.press('Enter');
  await becomes(() => it.bo.state.assignee?.id, it.mei.id, 'taken by a key');
  await goesOn('Hello again');
  await back();
  await page.getByRole('button', { name: /^Who has this/ }).click();
  await page.getByRole('menuitem', { name: 'Take' }).click();
  await becomes(() => it.bo.state.assignee?.id, it.mei.id, 'taken in the menu');
  await page.getByRole('menu').waitFor({ state: 'detached' });
  await goesOn('Hello, then');
  await page.getByRole('button', { name: 'Resolve' }).click();
  await page.getByRole('button', { name: 'Reopen' }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'H2', 'nothing is left to write');
  await page.getByRole('button', { name: 'Reopen' }).click();
  await page.getByRole('button', { name: 'Resolve' }).waitFor();
  await goesOn('There is one thing more');
  it.bo.refuseNext = { code: 'too_large', message: 'x' };
  await field(page).fill('Refused');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Send again' }).click();
  await becomes(() => it.bo.last.text, 'Refused', 'sent again');
  await goesOn('Sent now');
  await page.getByRole('button', { name: 'Note', exact: true }).click();
  await field(page).fill('Never mind');
  await page.getByRole('button', { name: 'Add note' }).click();
  await page.locator('article.note', { hasText: 'Never mind' }).waitFor();
  await goesOn('Nor this');
  assert.equal(it.bo.state.status, STATUS.OPEN);
  await clean(page);
});

test('INV-5 where another agent was faster, one learns who, and the reply is kept until one decides', async () => {
  const page = await visitRoom(it.bo, { view: 'unassigned' });
  const tellNews = tomWins();
  await field(page).fill('Let me help.');
  await page.keyboard.press('Enter');
  const notice = page.getByText('Tom Okafor already has this conversation. Your reply was not sent.');
  await notice.waitFor();
  assert.equal(await field(page).inputValue(), 'Let me help.');
  await page.getByRole('button', { name: 'Take', exact: true }).click();
  await toast(page).getByText('Tom Okafor already has this conversation.').waitFor();
  tellNews();
  await page.getByText('Tom Okafor has this conversation. Your reply joins it.').waitFor();
  await field(page).press('Enter');
  await page.waitForTimeout(100);
  assert.ok(await notice.isVisible() && await page.getByRole('button', { name: 'Send', exact: true }).isDisabled());
  assert.ok(!it.bo.messages.some((one) => one.text === 'Let me help.'));
  await page.getByRole('button', { name: 'Make it a note' }).click();
  await becomes(() => field(page).inputValue(), 'Let me help.', 'as a note');
  assert.ok(await page.locator('form.composer.note').count());
  await clean(page);
});

test('a note that is begun while the reply waits stays a note', async () => {
  const page = await visitRoom(it.bo, { view: 'unassigned' });
  tomWins();
  await field(page).fill('Let me help.');
  await page.keyboard.press('Enter');
  await page.getByText('Your reply was not sent.').waitFor();
  await page.getByRole('button', { name: 'Note', exact: true }).click();
  await field(page).fill('For the team alone.');
  await page.getByRole('button', { name: 'Send anyway' }).click();
  await becomes(() => it.bo.last.text, 'Let me help.', 'the reply is what goes');
  await page.keyboard.type(' Now.');
  assert.equal(await field(page).inputValue(), 'For the team alone. Now.');
  assert.ok(!it.bo.messages.some((one) => one.text === 'For the team alone.'));
  await page.getByRole('button', { name: 'Reply', exact: true }).click();
  assert.equal(await field(page).inputValue(), '');
  await clean(page);
});

test('what waits goes after a reload, wherever one looks by then; what is refused then is told there', async () => {
  const page = await visitRoom(it.bo, { view: 'unassigned' });
  tomHas();
  it.fake.setLine('down');
  for (const text of ['It is on its way.', 'And this is too long.']) {
    await field(page).fill(text);
    await page.keyboard.press('Enter');
  }
  await becomes(() => delivery(page, 'And this'), 'waiting', 'it waits');
  it.fake.setLine('up');
  it.bo.refuseNext = { code: 'too_large', message: 'x' };
  await page.goto(`${it.fake.url}/console/inbox/mine/${it.ada.id}`);
  await opened(page);
  await toast(page).getByText(/^What you wrote to .+ was not sent\.$/).waitFor();
  await becomes(() => it.bo.messages.filter((one) => ['It is on its way.', 'And this is too long.'].includes(one.text)).length, 1, 'the other one has gone');
  await toast(page).getByRole('button', { name: 'Look' }).click();
  await page.getByText('Not sent: This is too long.').waitFor();
  await clean(page);
});
