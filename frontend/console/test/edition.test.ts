import { describe, expect, it } from 'vitest';
import { Problem } from '../src/api/problem';
import { isOvertaken, useEdition } from '../src/bot/edition';

interface Thing { updated_at: string; text: string; }

const overtaken = () => new Problem('conflict', 409, '', 'updated_at');

/** A server with one thing, and somebody who edits it. */
function editing(text: string) {
  const server: Thing = { updated_at: '1', text: 'old' };
  const sent: string[] = [];
  const edition = useEdition<Thing>(async () => ({ ...server }), (newer) => newer.text === text);
  edition.beginFrom({ ...server });
  const send = async (begun: string): Promise<Thing> => {
    sent.push(begun);
    if (begun !== server.updated_at) throw overtaken();
    Object.assign(server, { text, updated_at: `${server.updated_at}+` });
    return { ...server };
  };
  return { server, sent, edition, send };
}

describe('a version that is edited', () => {
  it('is saved if it still stands', async () => {
    const { edition, send, sent } = editing('mine');
    expect(await edition.save(send)).toEqual({ text: 'mine', updated_at: '1+' });
    expect([sent, edition.newer.value]).toEqual([['1'], null]);
  });

  it('is not written over another; whoever saves all the same writes over what they were told of', async () => {
    const { server, edition, send, sent } = editing('mine');
    Object.assign(server, { text: 'theirs', updated_at: '2' });
    await expect(edition.save(send)).rejects.toSatisfy(isOvertaken);
    expect(edition.newer.value).toEqual({ text: 'theirs', updated_at: '2' });
    expect(edition.take()?.text).toBe('theirs');
    expect(edition.newer.value).toBeNull();
    Object.assign(server, { text: 'third', updated_at: '3' });
    await expect(edition.save(send)).rejects.toSatisfy(isOvertaken);
    await edition.save(send);
    expect([sent, server.text]).toEqual([['1', '2', '3'], 'mine']);
  });

  it('is saved if what stands is what was sent', async () => {
    const { server, edition, send } = editing('mine');
    Object.assign(server, { text: 'mine', updated_at: '2' });
    expect(await edition.save(send)).toEqual({ text: 'mine', updated_at: '2' });
    expect(edition.newer.value).toBeNull();
  });

  it('hands on every other refusal', async () => {
    const { edition } = editing('mine');
    for (const problem of [new Problem('conflict', 409), new Problem('bad_request', 400, '', 'updated_at'), new Problem('network')]) {
      await expect(edition.save(() => Promise.reject(problem))).rejects.toBe(problem);
    }
    expect(edition.newer.value).toBeNull();
  });
});
