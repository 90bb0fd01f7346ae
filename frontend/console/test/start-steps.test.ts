import { describe, expect, it } from 'vitest';
import type { Agent, Conversation, Hours, Site, Team } from '../src/api/types';
import { isAnswered, stepsOf, tryAddress } from '../src/start/steps';
import type { Facts } from '../src/start/steps';

const site = (given: Partial<Site> = {}) => ({ id: 'site_a', name: 'Shop', greeting: '', color: '', seen: null, ...given }) as Site;
const agent = (state: Agent['state'] = 'active') => ({ id: state, state }) as Agent;
const nothing: Facts = { sites: [], agents: [agent()], teams: [], hours: null, answered: false };
const done = (given: Partial<Facts>) => stepsOf({ ...nothing, ...given }).filter((step) => step.done).map(({ name }) => name);
const names = (given: Partial<Facts>) => stepsOf({ ...nothing, ...given }).map(({ name }) => name);

describe('the first steps', () => {
  it('are six, and none is done in an empty workspace', () => {
    expect(names({})).toEqual(['site', 'snippet', 'agents', 'team', 'hours', 'answer']);
    expect(done({})).toEqual([]);
  });

  it.each<[string, Partial<Facts>, string[]]>([
    ['a site without a look', { sites: [site()] }, []],
    ['a greeting', { sites: [site(), site({ greeting: 'Hi' })] }, ['site']],
    ['a colour', { sites: [site({ color: '#0b6b6b' })] }, ['site']],
    ['one of the sites was seen', { sites: [site(), site({ seen: { host: 'shop.example', at: '' } })] }, ['snippet']],
    ['somebody was invited', { agents: [agent(), agent('invited')] }, ['agents']],
    ['who is disabled is no colleague', { agents: [agent(), agent('disabled')] }, []],
    ['a team', { teams: [{} as Team] }, ['team']],
    ['hours', { hours: {} as Hours }, ['hours']],
    ['an answer', { answered: true }, ['answer']],
  ])('%s', (_, given, wanted) => expect(done(given)).toEqual(wanted));

  it('are those that the server can tell of', () => {
    const { seen: _, ...older } = site();
    expect(names({ sites: [older], hours: undefined })).toEqual(['site', 'agents', 'team', 'answer']);
  });
});

describe('an answer', () => {
  const conversation = (given: Partial<Conversation>) => ({ last_sender: 'visitor', assignee: null, unread: 1, ...given }) as Conversation;
  const me = { id: 'agt_a', name: 'Mei' };

  it.each<[string, Partial<Conversation>[], boolean]>([
    ['nobody has written', [], false],
    ['nobody has it', [{ unread: 0 }], false],
    ['it rings, or was claimed and not read', [{ assignee: me }], false],
    ['an agent had the last word', [{}, { last_sender: 'agent' }], true],
    ['the visitor has thanked, and the agent has read it', [{ assignee: me, unread: 0 }], true],
  ])('%s', (_, given, wanted) => expect(isAnswered(given.map(conversation))).toBe(wanted));
});

it('the test page is told the language, and the site where no log keeps it', () => {
  expect(tryAddress('site_a', 'zh-CN')).toBe('/demo/try.html?lang=zh-CN#site_a');
});
