// Any photo becomes a small square before it is sent: what is in the middle of it, without what a camera wrote beside it.

import { Problem } from '../api/problem';

/** Pixels in each direction: twice what is shown anywhere. */
export const SIDE = 128;

/** The square in the middle of a picture, and none of no picture. */
export function squareOf(width: number, height: number): { x: number; y: number; side: number; } | null {
  const side = Math.min(width, height);
  if (!(side >= 1)) return null;
  return { x: Math.floor((width - side) / 2), y: Math.floor((height - side) / 2), side };
}

/** WebP, or JPEG where the browser can't write that: it gives something else then, and says so. */
async function written(canvas: HTMLCanvasElement): Promise<Uint8Array> {
  for (const type of ['image/webp', 'image/jpeg']) {
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type, 0.86));
    if (blob?.type === type) return new Uint8Array(await blob.arrayBuffer());
  }
  throw new Problem('picture_invalid');
}

/** A file that may be anything, as a square picture. */
export async function squarePicture(file: Blob): Promise<Uint8Array> {
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new Problem('picture_invalid');
  }
  const square = squareOf(bitmap.width, bitmap.height);
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIDE;
  const context = canvas.getContext('2d');
  if (!square || !context) throw new Problem('picture_invalid');
  // Where it is seen through there is paper, as JPEG would make it black.
  context.fillStyle = '#fff';
  context.fillRect(0, 0, SIDE, SIDE);
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, square.x, square.y, square.side, square.side, 0, 0, SIDE, SIDE);
  bitmap.close();
  return written(canvas);
}
