import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, describe, expect, it } from 'vitest';
import { useDrafts } from '../src/conversation/drafts';

beforeEach(() => setActivePinia(createPinia()));

describe('a composer begins', () => {
  it('with a reply where nothing is begun', () => {
    expect(useDrafts().mode('cnv_1')).toBe('reply');
  });

  it('with a note where only one is begun', () => {
    const drafts = useDrafts();
    drafts.set('cnv_1', 'note', 'a fraud?');
    expect([drafts.mode('cnv_1'), drafts.mode('cnv_2')]).toEqual(['note', 'reply']);
    drafts.set('cnv_1', 'note', ' \n');
    expect(drafts.mode('cnv_1'), 'nobody sees that there is anything').toBe('reply');
  });

  it('with what was written last where both are, and with a note though no word of it is written', () => {
    const drafts = useDrafts();
    for (const kind of ['reply', 'note'] as const) drafts.set('cnv_1', kind, kind);
    expect(drafts.mode('cnv_1')).toBe('reply');
    drafts.setMode('cnv_1', 'note');
    drafts.setMode('cnv_2', 'note');
    expect([drafts.mode('cnv_1'), drafts.mode('cnv_2')]).toEqual(['note', 'note']);
    drafts.setMode('cnv_1', 'reply');
    drafts.clear();
    expect([drafts.mode('cnv_1'), drafts.mode('cnv_2')]).toEqual(['reply', 'reply']);
  });
});
