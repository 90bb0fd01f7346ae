import { expect, test } from 'vitest';
import { textOn } from '../color.ts';

function contrast(one: string, other: string): number {
  const light = (color: string) => {
    const part = (at: number) => {
      const value = parseInt(color.slice(at, at + 2), 16) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    };
    return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
  };
  const [dark, bright] = [light(one), light(other)].sort((a, b) => a - b) as [number, number];
  return (bright + 0.05) / (dark + 0.05);
}

test('on every colour the text has the contrast of WCAG AA', () => {
  for (let red = 0; red < 256; red += 5) {
    for (let green = 0; green < 256; green += 3) {
      for (let blue = 0; blue < 256; blue += 15) {
        const color = '#' + [red, green, blue].map((part) => part.toString(16).padStart(2, '0')).join('');
        const text = textOn(color) === '#000' ? '#000000' : '#ffffff';
        if (contrast(color, text) < 4.5) expect.fail(`${text} on ${color}: ${contrast(color, text)}`);
      }
    }
  }
});

test.each(['', 'red', '#fff', '#12345', '#1234567', 'url(x)', '#gggggg', undefined])('%s is no colour', (text) => {
  expect(textOn(text)).toBe('');
});
