import { describe, expect, it } from 'vitest';
import type { Intent } from '../src/api/types';
import { ID } from '../src/bot/examples';
import { idOf, languageOf, taught } from '../src/bot/teach-draft';

const parking: Intent = { id: 'parking', title: { en: 'Parking', zh: '停车' }, answer: { en: 'Yes.', zh: '' }, does: 'answer', buttons: ['hours'], examples: ['parking?'], library: false, updated_at: '' };

describe('what a person answered', () => {
  it('is in the language of its characters', () => {
    expect(['Behind the house.', '在房子后面 (P2)。', '裏にあります', '뒤에 漢字', '…'].map(languageOf)).toEqual(['en', 'zh', 'en', 'en', 'en']);
  });

  it('begins a new intent, with the question for its name, title and examples', () => {
    const form = taught(null, ['Is there\n parking?', 'where to park', ' '], 'Behind the house.');
    expect(form).toMatchObject({ id: 'is_there_parking', title: { en: 'Is there parking?', zh: '' }, answer: { en: 'Behind the house.', zh: '' }, does: 'answer', examples: 'Is there parking?\nwhere to park' });
    expect(taught(null, ['可以停车吗'], '可以。')).toMatchObject({ id: '', title: { en: '', zh: '可以停车吗' }, answer: { en: '', zh: '可以。' } });
    expect([...taught(null, ['🙂'.repeat(100)], 'x').title.en]).toHaveLength(80);
  });

  it('stands before what the intent says, and takes nothing from it', () => {
    const form = taught(parking, ['parking?', 'is there parking'], 'Behind the house.');
    expect(form).toMatchObject({ id: 'parking', title: parking.title, answer: { en: 'Behind the house.\n\nYes.', zh: '' }, buttons: ['hours'], examples: 'parking?\nis there parking', library: false });
    expect(taught(parking, [], '在房子后面。').answer).toEqual({ en: 'Yes.', zh: '在房子后面。' });
    expect(parking).toMatchObject({ answer: { en: 'Yes.' }, examples: ['parking?'] });
  });

  it('gives an intent a name that it may have, or none', () => {
    expect(['Don’t you ship to Köln?', '  --  ', '多少钱 2024', 'a'.repeat(39) + ' b'].map(idOf)).toEqual(['dont_you_ship_to_koln', '', '2024', 'a'.repeat(39)]);
    expect(idOf('a'.repeat(39) + ' b')).toMatch(ID);
  });
});
