import { describe, expect, it } from 'vitest';
import type { Agent, Team } from '../src/api/types';
import { agentChoices, matching, teamChoices } from '../src/conversation/receivers';
import type { PresenceName } from '../src/conversation/receivers';

const agent = (id: string, given: Partial<Agent> = {}): Agent => ({ id, name: id, email: '', role: 'agent', state: 'active', created_at: '', ...given });
const team = (id: string, members: string[] = []): Team => ({ id, name: id, members, method: null, overflow: null, created_at: '' });
const presence: Record<string, PresenceName> = { on: 'online', on2: 'online', away: 'away' };
const presenceOf = (id: string) => presence[id] ?? 'offline';
const ids = (all: { id: string; }[]) => all.map(({ id }) => id);
const nobody = { assigneeId: '', team: '', isPending: false };

describe('who may get a conversation', () => {
  it('are active agents other than its holder, those who are here first', () => {
    const all = [agent('off'), agent('away'), agent('on2'), agent('on'), agent('gone', { state: 'disabled' }), agent('new', { state: 'invited' })];
    expect(ids(agentChoices(all, { ...nobody, assigneeId: 'on' }, presenceOf))).toEqual(['on2', 'away', 'off']);
  });

  it('are teams, those first where somebody is online', () => {
    const all = [team('a', ['off']), team('b', ['on', 'on2', 'away']), team('c', ['on'])];
    expect(teamChoices(all, nobody, presenceOf)).toEqual([{ id: 'b', name: 'b', online: 2 }, { id: 'c', name: 'c', online: 1 }, { id: 'a', name: 'a', online: 0 }]);
  });

  it('are not the team in whose queue it waits, but that whose agent has it, or where the bot does', () => {
    expect(ids(teamChoices([team('a'), team('b')], { ...nobody, team: 'a' }, presenceOf))).toEqual(['b']);
    expect(ids(teamChoices([team('a'), team('b')], { ...nobody, assigneeId: 'on', team: 'a' }, presenceOf))).toEqual(['a', 'b']);
    expect(ids(teamChoices([team('a'), team('b')], { ...nobody, team: 'a', isPending: true }, presenceOf))).toEqual(['a', 'b']);
  });

  it.each([
    ['', '', ['Ada', '陈晓明', 'Nils']], [' NI ', '', ['Nils']], ['晓', '', ['陈晓明']], ['晓', 'Ada', ['Ada', '陈晓明']], ['zz', '', []],
  ])('are found by %j, beside %j, who is chosen', (words, chosen, wanted) => {
    expect(matching(['Ada', '陈晓明', 'Nils'].map((id) => ({ id, name: id })), words, chosen).map(({ name }) => name)).toEqual(wanted);
  });
});
