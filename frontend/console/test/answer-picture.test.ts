// The picture under an answer: from the chosen file to the draft that is sent, and where the console shows it.

import { createPinia, setActivePinia } from 'pinia';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Intent } from '../src/api/types';
import { draftOf, formOf, goneFrom, imageOf } from '../src/bot/intent-draft';
import type { Verdict } from '../src/bot/trainer';
import { fitted, LONGEST, MOST_BYTES, scaledPicture } from '../src/settings/picture-file';
import AnswerImage from '../src/ui/AnswerImage.vue';
import { rendered } from './render';

vi.mock('../src/api/routes', () => ({ bot: {}, intents: {}, session: {} }));
const { default: TestVerdict } = await import('../src/bot/TestVerdict.vue');

const HASH = '0f'.repeat(16);
const NAME = `${HASH}-640x480`;
const picture = { en: `${NAME} A map`, zh: `${NAME} 地图` };
const map: Intent = { id: 'map', title: { en: 'Map', zh: '' }, answer: { en: 'Here {order}', zh: '在这里' }, picture, does: 'answer', buttons: [], examples: [], library: true, updated_at: '' };
const verdict: Verdict = { band: 'answer', top: [], words: [], does: 'answer', text: '', choices: [], reason: '', form: null, faq: '', image: '' };

describe('a chosen file', () => {
  afterEach(() => vi.unstubAllGlobals());

  /** A browser that writes a file of this size for a canvas of so many pixels. */
  function browser(size: { width: number; height: number; }, bytesOf: (pixels: number, quality: number) => number) {
    const sizes: number[][] = [];
    vi.stubGlobal('document', {
      createElement: () => ({
        width: 0,
        height: 0,
        getContext: () => ({ fillRect: vi.fn(), drawImage: vi.fn() }),
        toBlob(this: { width: number; height: number; }, done: (blob: Blob) => void, type: string, quality: number) {
          sizes.push([this.width, this.height, quality]);
          done(new Blob([new Uint8Array(bytesOf(this.width * this.height, quality))], { type }));
        },
      }),
    });
    vi.stubGlobal('createImageBitmap', async (file: Blob) => {
      if (file.size === 0) throw new DOMException('not decoded', 'InvalidStateError');
      return { ...size, close: () => {} };
    });
    vi.stubGlobal('FileReader', class {
      result = '';
      onload = () => {};
      readAsDataURL(blob: Blob) {
        this.result = `data:${blob.type};base64,`;
        this.onload();
      }
    });
    return sizes;
  }

  it.each([
    [4_000, 3_000, { width: 1_200, height: 900 }],
    [900, 2_400, { width: 450, height: 1_200 }],
    [640, 480, { width: 640, height: 480 }],
    [9_000, 1, { width: 1_200, height: 1 }],
    [0, 100, null],
    [Number.NaN, 100, null],
  ])('of %d × %d becomes %j', (width, height, wanted) => expect(fitted(width, height, LONGEST)).toEqual(wanted));

  it('is made so small that it may be sent', async () => {
    const sizes = browser({ width: 4_000, height: 3_000 }, (pixels, quality) => pixels * quality * 0.6);
    const made = await scaledPicture(new Blob(['x'], { type: 'image/jpeg' }));
    expect(made.bytes.length).toBeLessThanOrEqual(MOST_BYTES);
    expect(sizes.slice(0, 3)).toEqual([[1_200, 900, 0.86], [1_200, 900, 0.7], [1_200, 900, 0.5]]);
    expect(sizes.at(-1)).toEqual([840, 630, 0.7]);
    expect(made.url).toMatch(/^data:image\/webp;/);
  });

  it('stays as it is where it is a small PNG, and no other one does', async () => {
    expect(browser({ width: 300, height: 200 }, () => 9)).toEqual([]);
    const kept = await scaledPicture(new Blob(['a png'], { type: 'image/png' }));
    expect(new TextDecoder().decode(kept.bytes)).toBe('a png');
    expect((await scaledPicture(new Blob(['a jpeg'], { type: 'image/jpeg' }))).bytes.length, 'it would tell where it was taken').toBe(9);
    browser({ width: LONGEST + 1, height: 1 }, () => 9);
    expect((await scaledPicture(new Blob(['a png'], { type: 'image/png' }))).bytes.length).toBe(9);
  });

  it('is refused where it is no picture, or can’t be made small enough', async () => {
    browser({ width: 300, height: 200 }, () => MOST_BYTES + 1);
    for (const file of [new Blob([]), new Blob(['x'])]) await expect(scaledPicture(file)).rejects.toMatchObject({ code: 'picture_invalid' });
  });
});

it('goes from the intent into the form and out of it, and is no part of an intent that has none', () => {
  const form = formOf(map);
  form.picture!.alt.en = ' Our map ';
  expect(map.picture?.en).toBe(`${NAME} A map`);
  form.picture!.preview = 'data:x';
  expect(draftOf(form).picture).toEqual({ en: `${NAME} Our map`, zh: picture.zh });
  form.picture = null;
  expect(draftOf(form)).not.toHaveProperty('picture');
  expect(draftOf(formOf(null))).not.toHaveProperty('picture');
  // From elsewhere: in one language alone, or another picture in each.
  expect(draftOf(formOf({ ...map, picture: { en: NAME, zh: '' } })).picture).toEqual({ en: NAME, zh: NAME });
  const two = { en: picture.en, zh: `${'1a'.repeat(16)}-1x1 地图` };
  expect(draftOf(formOf({ ...map, picture: two })).picture).toEqual(two);
  expect([imageOf(picture.en), imageOf(NAME)]).toEqual(['A map', ''].map((alt) => ({ hash: HASH, width: 640, height: 480, alt })));
  for (const none of ['', HASH, `${HASH}-640`, `/${NAME}`, `${NAME}/`]) expect(imageOf(none)).toBeNull();
});

it('is gone once the form shows another one, or none, in each language for itself', () => {
  const other = '1a'.repeat(16);
  const of = (en: string, zh = en) => formOf({ ...map, picture: { en, zh } }).picture;
  expect(goneFrom(of(NAME), of(`${NAME} Other words`))).toEqual([]);
  expect(goneFrom(of(NAME), null)).toEqual([HASH]);
  expect(goneFrom(of(NAME), of(`${other}-1x1`))).toEqual([HASH]);
  expect(goneFrom(of(NAME, `${other}-1x1`), of(`${other}-1x1`))).toEqual([HASH]);
  expect(goneFrom(of(NAME), { names: { en: '', zh: '' }, alt: { en: '', zh: '' } }), 'its file is not sent yet').toEqual([HASH]);
  expect(goneFrom(null, of(NAME))).toEqual([]);
});

describe('in the test chat', () => {
  it.each<[string, string, string[]]>([
    ['with its words', picture.en, [`href="/pictures/${HASH}"`, 'rel="noopener noreferrer"', `src="/pictures/${HASH}"`, 'alt="A map"', 'width="320"', 'height="240"']],
    ['with a name for what has no words', NAME, ['aria-label="Open the picture"', 'alt']],
  ])('is a picture that opens, %s', async (_, image, parts) => {
    const pinia = createPinia();
    setActivePinia(pinia);
    const html = await rendered(TestVerdict, pinia, { props: { verdict: { ...verdict, text: 'Here', image }, isChoice: false, isLast: true } });
    for (const part of parts) expect(html).toContain(part);
  });

  it('is none where it has no name', async () => {
    const pinia = createPinia();
    setActivePinia(pinia);
    const html = await rendered(TestVerdict, pinia, { props: { verdict: { ...verdict, image: '//evil.example/x-1x1 A map' }, isChoice: false, isLast: true } });
    expect(html).not.toMatch(/evil|<img/u);
  });
});

it('has no address but that of a hash', async () => {
  const image = { hash: '//evil.example/x', width: 1, height: 1, alt: 'A map' };
  const html = await rendered(AnswerImage, createPinia(), { props: { image } });
  expect(html).toContain('alt="A map"');
  expect(html).not.toContain('evil');
});
