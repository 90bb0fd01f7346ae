import { describe, expect, it } from 'vitest';
import { blank, codec, fieldsOf } from '../../shared/wire/codec';
import { FULL_TABLE } from '../../shared/wire/table';
import { Availability, SenderKind, Status } from '../../shared/wire/types';
import type { DeskRow } from '../../shared/wire/types';
import type { Team } from '../src/api/types';
import { boardOf } from '../src/board/board';

const { shape } = codec(FULL_TABLE);
let made = 0;
const row = (given: Partial<DeskRow>): DeskRow => ({ ...(blank(fieldsOf(shape, 'DeskRow')) as unknown as DeskRow), conversation: `cnv_${++made}`, status: Status.OPEN, ...given });
const held = (id: string, given: Partial<DeskRow> = {}) => row({ assignee: { kind: SenderKind.AGENT, id, name: id, picture: '' }, ...given });
const agent = (id: string, availability = Availability.ONLINE) => ({ id, name: id, availability, picture: '' });
const team = (id: string, members: string[]): Team => ({ id, name: id.toUpperCase(), members, method: null, overflow: null, created_at: '' });

describe('the board', () => {
  const teams = [team('team_a', ['ann', 'bob', 'zoe']), team('team_b', ['cid'])];
  const agents = [agent('ann'), agent('bob', Availability.AWAY), agent('cid', Availability.OFFLINE), agent('dan')];

  it('counts who waits, since when, and what is open, for each line and for all', () => {
    const rows = [
      row({ team: 'team_a', queuedAt: 50 }), row({ team: 'team_a', queuedAt: 30 }), held('ann', { team: 'team_a' }),
      row({ queuedAt: 70 }), row({ team: 'team_new', queuedAt: 60 }), row({ status: Status.SNOOZED, queuedAt: 1 }), row({ status: Status.PENDING, queuedAt: 2 }),
    ];
    expect(boardOf(rows, agents, teams)).toMatchObject({
      all: { waiting: 4, since: 30, open: 5, online: 2 },
      lines: [
        { team: '', waiting: 2, since: 60, open: 2, online: 2 },
        { team: 'team_a', name: 'TEAM_A', waiting: 2, since: 30, open: 3, online: 1 },
        { team: 'team_b', waiting: 0, since: 0, open: 0, online: 0 },
      ],
    });
  });

  it('counts what rings for the queue and apart for the agent', () => {
    const { all, agents: lines } = boardOf([held('ann', { queuedAt: 9, ringUntil: 99 }), held('ann'), held('ann', { status: Status.SNOOZED })], agents, teams);
    expect(all).toMatchObject({ waiting: 1, open: 2 });
    expect(lines[0]).toMatchObject({ id: 'ann', open: 1, ringing: 1, teams: ['TEAM_A'] });
  });

  it('measures a wait from when it began, whoever comes first', () => {
    expect(boardOf([row({ queuedAt: 50 }), row({ queuedAt: 70, movedUp: 60, level: 1 })], [], []).all).toMatchObject({ waiting: 2, since: 50 });
  });

  it('puts those first who are here, and of those the busiest', () => {
    expect(boardOf([held('dan'), held('cid'), held('cid')], agents, teams).agents.map(({ id }) => id)).toEqual(['dan', 'ann', 'bob', 'cid']);
  });
});
