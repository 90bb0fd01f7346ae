// The site's colour and what can be read on it.

/** `#rgb` or `#rrggbb` as three numbers; nothing else is taken for a colour. */
export function parseColor(text: string | null | undefined): [number, number, number] | undefined {
  const hex = /^#([0-9a-f]{6}|[0-9a-f]{3})$/i.exec(text ?? '')?.[1];
  if (!hex) return undefined;
  const full = hex.length === 3 ? [...hex].map((digit) => digit + digit).join('') : hex;
  return [0, 2, 4].map((at) => parseInt(full.slice(at, at + 2), 16)) as [number, number, number];
}

/** White or black, whichever has more contrast (WCAG) on the colour. */
export function textOn([red, green, blue]: [number, number, number]): string {
  const linear = (part: number) => (part <= 10 ? part / 3294.6 : ((part / 255 + 0.055) / 1.055) ** 2.4);
  const light = 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
  // Both contrasts are equal, and 4.58, where (l + 0.05)² = 1.05 × 0.05: whichever is better is always enough (WCAG AA).
  return light > 0.179 ? '#000' : '#fff';
}
