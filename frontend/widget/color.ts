// The site's colour and what can be read on it.

/**
 * White or black, whichever has more contrast (WCAG) on a colour `#rrggbb`; nothing for anything else. Both contrasts
 * are equal, and 4.58, where (light + 0.05)² = 1.05 × 0.05: whichever is better is always enough (AA).
 */
export function textOn(color: string | undefined): string {
  if (!/^#[\da-f]{6}$/i.test(color!)) return '';
  const light = [0.2126, 0.7152, 0.0722].reduce((sum, weight, i) => sum + weight * (parseInt(color!.slice(1 + 2 * i, 3 + 2 * i), 16) / 255) ** 2.2, 0);
  return light > 0.18 ? '#000' : '#fff';
}
