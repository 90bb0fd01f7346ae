import { describe, expect, it } from 'vitest';
import { SenderKind } from '../../shared/wire/types';
import { namedOf, othersOf } from '../src/conversation/others';

const agent = (id: string) => ({ kind: SenderKind.AGENT, id, name: id, picture: '' });
const visitor = { kind: SenderKind.VISITOR, id: '', name: '', picture: '' };
const bot = { kind: SenderKind.BOT, id: 'bot', name: 'Bot', picture: '' };
const ids = (present: string[], typists: Parameters<typeof othersOf>[1], holder = '') => {
  const { writing, here } = othersOf(present.map(agent), typists, 'me', holder);
  return [writing.map(({ id }) => id), here.map(({ id }) => id)];
};

describe('who else is at a conversation', () => {
  it.each([
    ['nobody, however many windows of one’s own', ['me'], [agent('me')], '', [[], []]],
    ['those who have it open', ['a', 'me', 'b'], [], '', [[], ['a', 'b']]],
    ['those who write, once', ['a', 'b', 'me'], [agent('a')], '', [['a'], ['b']]],
    ['not its holder, whose console keeps it open', ['a', 'b'], [], 'b', [[], ['a']]],
    ['its holder, while they write', ['b'], [agent('b')], 'b', [['b'], []]],
    ['a bot that writes, but no visitor', [], [visitor, bot], '', [['bot'], []]],
  ] as const)('is %s', (_, present, typists, holder, wanted) => {
    expect(ids([...present], [...typists], holder)).toEqual(wanted);
  });

  it.each([
    [['a'], ['a'], 0], [['a', 'b', 'c'], ['a', 'b', 'c'], 0], [['a', 'b', 'c', 'd'], ['a', 'b'], 2], [['a', 'b', 'c', 'd', 'e'], ['a', 'b'], 3],
  ])('of %j the names are %j and %i more', (all, names, more) => expect(namedOf(all)).toEqual({ names, more }));
});
