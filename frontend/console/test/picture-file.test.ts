import { afterEach, describe, expect, it, vi } from 'vitest';
import { SIDE, squarePicture, squareOf } from '../src/settings/picture-file';
import { forgetPictures, hintPicture, learnPicture, pictureOf } from '../src/ui/pictures';

it.each([
  [4_000, 3_000, { x: 500, y: 0, side: 3_000 }],
  [3_000, 4_000, { x: 0, y: 500, side: 3_000 }],
  [128, 128, { x: 0, y: 0, side: 128 }],
  [101, 100, { x: 0, y: 0, side: 100 }],
  [1, 9_000, { x: 0, y: 4_499, side: 1 }],
  [0, 100, null],
  [Number.NaN, 100, null],
])('of %d × %d the square in the middle is %j', (width, height, wanted) => {
  const square = squareOf(width, height);
  expect(square).toEqual(wanted);
  if (square) expect([square.x + square.side <= width, square.y + square.side <= height]).toEqual([true, true]);
});

describe('a photo', () => {
  afterEach(() => vi.unstubAllGlobals());

  /** A browser that writes these types; anything else it writes as PNG, as browsers do. */
  function browser(writes: string[], size = { width: 400, height: 300 }) {
    const drawImage = vi.fn();
    const canvas = {
      width: 0,
      height: 0,
      getContext: () => ({ fillRect: vi.fn(), drawImage }),
      toBlob: (done: (blob: Blob | null) => void, type: string) => done(new Blob([type], { type: writes.includes(type) ? type : 'image/png' })),
    };
    vi.stubGlobal('document', { createElement: () => canvas });
    vi.stubGlobal('createImageBitmap', async (file: Blob) => {
      if (file.size === 0) throw new DOMException('not decoded', 'InvalidStateError');
      return { ...size, close: () => {} };
    });
    return { drawImage, canvas };
  }
  const textOf = async (made: Promise<Uint8Array>) => new TextDecoder().decode(await made);

  it('becomes a small WebP of what is in its middle', async () => {
    const { drawImage, canvas } = browser(['image/webp', 'image/jpeg']);
    expect(await textOf(squarePicture(new Blob(['x'])))).toBe('image/webp');
    expect([canvas.width, canvas.height]).toEqual([SIDE, SIDE]);
    expect(drawImage.mock.calls[0]?.slice(1)).toEqual([50, 0, 300, 300, 0, 0, SIDE, SIDE]);
  });

  it('becomes a JPEG where WebP can’t be written', async () => {
    browser(['image/jpeg']);
    expect(await textOf(squarePicture(new Blob(['x'])))).toBe('image/jpeg');
  });

  it('is refused where it can’t be read, has no size, or nothing can be written', async () => {
    browser(['image/webp']);
    await expect(squarePicture(new Blob([]))).rejects.toMatchObject({ code: 'picture_invalid' });
    browser(['image/webp'], { width: 0, height: 0 });
    await expect(squarePicture(new Blob(['x']))).rejects.toMatchObject({ code: 'picture_invalid' });
    browser([]);
    await expect(squarePicture(new Blob(['x']))).rejects.toMatchObject({ code: 'picture_invalid' });
  });
});

describe('which picture an agent has', () => {
  afterEach(forgetPictures);

  it('is what was told last; what a conversation remembers counts where nothing else is known', () => {
    hintPicture('agt_a', 'old');
    expect(pictureOf('agt_a')).toBe('old');
    learnPicture('agt_a', 'new');
    hintPicture('agt_a', 'old');
    expect(pictureOf('agt_a')).toBe('new');
    learnPicture('agt_a', '');
    hintPicture('agt_a', 'old');
    expect(pictureOf('agt_a')).toBe('');
  });

  it('is left alone by a server of before, and forgotten with the session', () => {
    learnPicture('agt_a', 'new');
    learnPicture('agt_a', undefined);
    expect([pictureOf('agt_a'), pictureOf('agt_b')]).toEqual(['new', '']);
    forgetPictures();
    expect(pictureOf('agt_a')).toBe('');
  });
});
