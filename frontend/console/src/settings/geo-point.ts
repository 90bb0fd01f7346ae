// Where somebody is, as it is copied from a map: "31.23, 121.47".

import type { GeoPoint } from '../api/types';

/** The point of a text; null: it is none on Earth. */
export function pointOf(text: string): GeoPoint | null {
  const [latitude, longitude, ...more] = text.trim().split(/[\s,，;]+/u).map((part) => (/^[-+]?\d{1,3}(?:\.\d+)?°?$/u.test(part) ? Number.parseFloat(part) : Number.NaN));
  if (latitude === undefined || longitude === undefined || more.length > 0) return null;
  return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 ? { latitude, longitude } : null;
}

export function textOf({ latitude, longitude }: GeoPoint): string {
  return `${latitude}, ${longitude}`;
}
