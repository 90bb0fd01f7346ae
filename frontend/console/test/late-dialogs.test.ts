// A slow answer concerns the opening of a dialog that asked for it, not the next one; on a page it undoes nothing that was written meanwhile.

import { createPinia, setActivePinia } from 'pinia';
import type { Pinia } from 'pinia';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { getCurrentInstance, nextTick, ref } from 'vue';
import type { Component, ComponentInternalInstance } from 'vue';
import { Problem } from '../src/api/problem';
import { mounted } from './form';
import type { Form } from './form';

/** Each question is answered by hand. */
interface Question { sent?: any[]; answer: (with_: unknown) => void; refuse: (error: unknown) => void; }
const asked = vi.hoisted(() => [] as Question[]);
vi.mock('../src/api/routes', () => {
  const ask = (...sent: unknown[]) => new Promise((answer, refuse) => asked.push({ sent, answer, refuse }));
  const list = { teams: [], sites: [{ id: 'a', domains: ['theirs.example'] }], agents: [], tags: [], articles: [] };
  const of = () => ({ list: async () => list, change: ask, put: ask, create: ask, setPicture: ask });
  return { articles: of(), teams: of(), sites: of(), agents: of(), tags: of(), routing: { get: ask, change: ask }, session: { rename: ask } };
});
const { default: HoursPage } = await import('../src/settings/HoursPage.vue');
const { default: RoutingPage } = await import('../src/settings/RoutingPage.vue');
const { default: ProfilePage } = await import('../src/settings/ProfilePage.vue');
const { default: ArticleImport } = await import('../src/bot/ArticleImport.vue');
const { default: AgentDialog } = await import('../src/settings/AgentDialog.vue');
const { default: SiteDialog } = await import('../src/settings/SiteDialog.vue');
const { default: TagDialog } = await import('../src/settings/TagDialog.vue');
const { default: TeamDialog } = await import('../src/settings/TeamDialog.vue');
const { default: ConfirmDialog } = await import('../src/ui/ConfirmDialog.vue');
const { useSession } = await import('../src/session/store');
const { useToasts } = await import('../src/ui/toasts');

let pinia: Pinia;

beforeEach(() => {
  asked.length = 0;
  vi.stubGlobal('document', { querySelector: () => null, activeElement: null });
  vi.stubGlobal('HTMLElement', class {});
  setActivePinia((pinia = createPinia()));
});

const settled = () => new Promise((done) => setTimeout(done));
const last = () => asked.at(-1)!;
const common = { created_at: '', domains: ['a.example'], greeting: '', color: '', locale: '', snippet: '', members: [], method: null, overflow: null, role: 'agent', email: '', state: 'active' };
const thing = (id: string) => ({ ...common, id, name: id.toUpperCase() });

/** A dialog in which A was saved on a slow line, that was closed, and opened for B. */
async function reopened(dialog: Component, prop: string, begin: (form: Form) => void = (form) => nameOf(form, 'A2')) {
  const open = ref(false);
  const which = ref(thing('a'));
  const told: unknown[][] = [];
  const on = { onDone: (...all: unknown[]) => told.push(all), onPictured: (...all: unknown[]) => told.push(all), 'onUpdate:open': (is: boolean) => (open.value = is) };
  const form = mounted(dialog, pinia, () => ({ [prop]: which.value, agents: [], open: open.value, ...on }));
  open.value = true;
  await nextTick();
  begin(form);
  void form.save?.();
  await settled();
  open.value = false;
  await nextTick();
  which.value = thing('b');
  open.value = true;
  await nextTick();
  return { form, told, isOpen: () => open.value };
}

const nameOf = (form: Form, is?: string): string => {
  const field = form.form ? form.form.value : form.name;
  if (is !== undefined) field[form.form ? 'name' : 'value'] = is;
  return field[form.form ? 'name' : 'value'];
};

describe.each<[string, Component]>([['site', SiteDialog], ['team', TeamDialog], ['agent', AgentDialog], ['tag', TagDialog]])('of a %s that was closed while it was saved', (prop, dialog) => {
  it('the answer leaves the next one open, and what is written in it', async () => {
    const { form, isOpen } = await reopened(dialog, prop);
    nameOf(form, 'B2');
    expect(form.busy.value).toBe(false);
    last().answer({ [prop]: { ...thing('a'), name: 'A2' }, live: true });
    await settled();
    expect([isOpen(), nameOf(form)]).toEqual([true, 'B2']);
  });

  it('the refusal is not said beside the next one, which can be saved', async () => {
    const { form, isOpen } = await reopened(dialog, prop);
    last().refuse(new Problem('bad_request', 400, '', 'name'));
    await settled();
    expect([isOpen(), form.problem.value]).toEqual([true, null]);
    nameOf(form, 'B2');
    void form.save();
    await settled();
    last().answer({ [prop]: thing('b'), live: true });
    await settled();
    expect([isOpen(), asked.length]).toEqual([false, 2]);
  });
});

it('a list that a colleague has changed is said where it was changed', async () => {
  const { form } = await reopened(SiteDialog, 'site', (form) => (form.domains.value += '\nmine.example'));
  last().refuse(new Problem('conflict', 409, '', 'domains'));
  await settled();
  expect(form.lists.theirsIn('domains')).toBe('');
});

it('a picture is that of the agent for whom it was chosen', async () => {
  const { told } = await reopened(AgentDialog, 'agent', (form) => void form.savePicture(null));
  last().answer({ picture: 'x' });
  await settled();
  expect(told).toEqual([[{ ...thing('a'), picture: 'x' }]]);
});

it('what is saved of a tag is said of it', async () => {
  const open = ref(true);
  const tag = ref<object | null>(thing('a'));
  const form = mounted(TagDialog, pinia, () => ({ tag: tag.value, open: open.value }));
  open.value = false;
  await nextTick();
  open.value = true;
  await nextTick();
  form.form.value.name = 'A2';
  void form.save();
  tag.value = null;
  await nextTick();
  last().answer({ tag: thing('a') });
  await settled();
  expect(useToasts().toasts.map(({ text }) => text)).toEqual(['Saved.']);
});

it('whoever was asked once is asked by the next question anew', async () => {
  const open = ref(true);
  const runs: Question[] = [];
  const run = () => new Promise<void>((answer, refuse) => runs.push({ answer: () => answer(), refuse }));
  const form = mounted(ConfirmDialog, pinia, () => ({ title: '', description: '', action: '', run, open: open.value, 'onUpdate:open': (is: boolean) => (open.value = is) }));
  const again = async () => {
    open.value = false;
    await nextTick();
    open.value = true;
    await nextTick();
  };
  void form.confirm();
  await again();
  expect(form.busy.value).toBe(false);
  runs[0]?.answer(null);
  await settled();
  expect(open.value).toBe(true);
  void form.confirm();
  await again();
  runs[1]?.refuse(new Problem('not_found', 404));
  await settled();
  expect(form.problem.value).toBe(null);
});

describe('of articles whose import was closed while they were sent', () => {
  const imported = (form: Form, text: string, published: boolean) => {
    form.text.value = text;
    form.published.value = published;
    return form.save(() => form.entries.value);
  };
  const sent = () => asked.map(({ sent: [article] = [] }) => [article.title.en, article.published]);
  const answered = async () => {
    last().answer({ live: true });
    await settled();
  };

  /** The first of two is sent, to be published; the dialog is closed, and opened anew if it `isAnew`. */
  async function under(isAnew: boolean) {
    const open = ref(false);
    const form = mounted(ArticleImport, pinia, () => ({ open: open.value, 'onUpdate:open': (is: boolean) => (open.value = is) }));
    open.value = true;
    await nextTick();
    void imported(form, '# A\n\nOne.\n\n# B\n\nTwo.', true);
    await settled();
    const reopen = async (is = true) => {
      open.value = false;
      await nextTick();
      open.value = is;
      await nextTick();
    };
    await reopen(isAnew);
    return { form, reopen, isOpen: () => open.value };
  }

  it('the rest is sent as it was asked for', async () => {
    await under(false);
    await answered();
    await answered();
    expect([sent(), useToasts().toasts.length]).toEqual([[['A', true], ['B', true]], 1]);
  });

  it('the end leaves the next import open, and what is written in it', async () => {
    const { form, isOpen } = await under(true);
    form.text.value = '# C\n\nThree.';
    expect(form.busy.value).toBe(false);
    await answered();
    await answered();
    expect([sent(), isOpen(), form.text.value, form.isPart.value]).toEqual([[['A', true], ['B', true]], true, '# C\n\nThree.', false]);
    expect(useToasts().toasts.length, 'it is told').toBe(1);
  });

  it('a refusal is not said in the next import', async () => {
    const { form } = await under(true);
    await answered();
    last().refuse(new Problem('too_many', 409));
    await settled();
    expect([form.problem.value, form.isPart.value]).toEqual([null, false]);
  });

  it('the next import waits, and knows by then what there is', async () => {
    const { form, isOpen } = await under(true);
    void imported(form, '# C\n\nThree.', false);
    await settled();
    expect(sent()).toEqual([['A', true]]);
    await answered();
    await answered();
    expect([sent(), isOpen()]).toEqual([[['A', true], ['B', true], ['C', false]], true]);
    await answered();
    expect(isOpen()).toBe(false);
  });

  it('what has waited is not sent once the next one is open', async () => {
    const { form, isOpen, reopen } = await under(true);
    void imported(form, '# C\n\nThree.', true);
    await reopen();
    form.text.value = '# D\n\nFour.';
    await answered();
    await answered();
    expect([sent(), isOpen(), useToasts().toasts.length]).toEqual([[['A', true], ['B', true]], true, 1]);
  });
});

describe('what is written on a page while it is saved stays', () => {
  const routing = { method: 'round_robin', capacity: 5, ring_seconds: 30, gone_minutes: 10, weights: { load: 60, idle: 40 } };

  it('of the routing, and is saved next; the rest is what stands', async () => {
    const form = mounted(RoutingPage, pinia);
    last().answer({ routing, live: true });
    await settled();
    form.draft.value.capacity = '6';
    void form.save();
    form.draft.value.ring_seconds = '45';
    last().answer({ routing: { ...routing, capacity: 6, gone_minutes: 20 }, live: true });
    await settled();
    const { capacity, ring_seconds, gone_minutes } = form.draft.value;
    expect([capacity, ring_seconds, gone_minutes]).toEqual(['6', '45', '20']);
  });

  it('of the hours', async () => {
    let page: ComponentInternalInstance | null = null;
    const { setup } = HoursPage as unknown as { setup: (...all: unknown[]) => Form; };
    const form = mounted({ ...HoursPage, setup: (...all: unknown[]) => ((page = getCurrentInstance()), setup(...all)) } as Component, pinia);
    last().answer({ hours: null, live: true });
    await settled();
    page!.refs.editor = { check: () => true };
    form.draft.value.isSet = true;
    void form.save();
    form.draft.value.timezone = 'Asia/Shanghai';
    last().answer({ hours: null, live: true });
    await settled();
    expect(asked.length).toBe(2);
    expect(form.draft.value).toMatchObject({ isSet: true, timezone: 'Asia/Shanghai' });
  });

  it('of the name', async () => {
    useSession().enter({ id: 'agt_a', name: 'Ada' } as never);
    const form = mounted(ProfilePage, pinia);
    form.name.value = 'Ada L';
    void form.rename();
    form.name.value = 'Ada Lovelace';
    last().answer({ me: { id: 'agt_a', name: 'Ada L' } });
    await settled();
    expect(form.name.value).toBe('Ada Lovelace');
  });
});
