import { expect, it } from 'vitest';
import { isCalled } from '../src/inbox/search-store';

const of = (name: string, email: string) => ({ visitor: { id: 'vis_1', name, email, verified: false, blocked: false } });

it.each([
  ['okonkwo', of('Grace OKONKWO', ''), true], ['G.O@', of('', 'g.o@example.org'), true], ['王芳', of('王芳', ''), true],
  ['grace', of('', ''), false], ['grace example', of('Grace', 'g@example.org'), false],
])('%j is a visitor’s name or address: %#', (q, conversation, wanted) => expect(isCalled(conversation, q)).toBe(wanted));
