// Any photo is made small before it is sent, without what a camera wrote beside it: an agent's becomes a square of what is in the middle, an
// answer's stays whole.

import { Problem } from '../api/problem';

/** Pixels in each direction: twice what is shown anywhere. */
export const SIDE = 128;

/** The square in the middle of a picture, and none of no picture. */
export function squareOf(width: number, height: number): { x: number; y: number; side: number; } | null {
  const side = Math.min(width, height);
  if (!(side >= 1)) return null;
  return { x: Math.floor((width - side) / 2), y: Math.floor((height - side) / 2), side };
}

/** Longest side of an answer's picture, in pixels, and its most bytes; where it stays too large, it becomes less fine, and then smaller. */
export const LONGEST = 1_200;
export const MOST_BYTES = 256 * 1024;
const QUALITIES = [0.86, 0.7, 0.5];
const SHRINK = 0.7;
const SMALLEST = 200;

/** WebP, or JPEG where the browser can't write that: it gives something else then, and says so. */
async function written(canvas: HTMLCanvasElement, quality = 0.86): Promise<Blob> {
  for (const type of ['image/webp', 'image/jpeg']) {
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type, quality));
    if (blob?.type === type) return blob;
  }
  throw new Problem('picture_invalid');
}

async function opened(file: Blob): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file);
  } catch {
    throw new Problem('picture_invalid');
  }
}

/** A part of a picture on a canvas of this size. */
function drawn(bitmap: ImageBitmap, [x, y, partWidth, partHeight]: [number, number, number, number], width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (!context) throw new Problem('picture_invalid');
  // Where it is seen through there is paper, as JPEG would make it black.
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, x, y, partWidth, partHeight, 0, 0, width, height);
  return canvas;
}

/** A file that may be anything, as a square picture. */
export async function squarePicture(file: Blob): Promise<Uint8Array> {
  const bitmap = await opened(file);
  const square = squareOf(bitmap.width, bitmap.height);
  if (!square) throw new Problem('picture_invalid');
  const canvas = drawn(bitmap, [square.x, square.y, square.side, square.side], SIDE, SIDE);
  bitmap.close();
  return new Uint8Array(await (await written(canvas)).arrayBuffer());
}

/** A picture as large as it may be under an answer: a whole number of pixels, and none of no picture. */
export function fitted(width: number, height: number, longest: number): { width: number; height: number; } | null {
  if (!(width >= 1 && height >= 1)) return null;
  const scale = Math.min(1, longest / Math.max(width, height));
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

export interface Scaled {
  bytes: Uint8Array;
  /** What shows it before it is sent: a `data:` URL, for the console's policy knows no others. */
  url: string;
}

/** A file that may be anything, as the picture of an answer. A small PNG stays as it is: what is drawn would be the worse for another way of writing. */
export async function scaledPicture(file: Blob): Promise<Scaled> {
  const bitmap = await opened(file);
  const { width, height } = bitmap;
  try {
    if (file.type === 'image/png' && file.size <= MOST_BYTES && Math.max(width, height) <= LONGEST && fitted(width, height, LONGEST)) return await scaled(file);
    for (let longest = LONGEST; longest >= SMALLEST; longest *= SHRINK) {
      const size = fitted(width, height, longest);
      if (!size) break;
      const canvas = drawn(bitmap, [0, 0, width, height], size.width, size.height);
      for (const quality of QUALITIES) {
        const blob = await written(canvas, quality);
        if (blob.size <= MOST_BYTES) return await scaled(blob);
      }
    }
  } finally {
    bitmap.close();
  }
  throw new Problem('picture_invalid');
}

async function scaled(blob: Blob): Promise<Scaled> {
  const url = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(new Problem('picture_invalid'));
    reader.readAsDataURL(blob);
  });
  return { bytes: new Uint8Array(await blob.arrayBuffer()), url };
}
