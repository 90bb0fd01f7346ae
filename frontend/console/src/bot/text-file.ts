// A text file as people have it: UTF-8, UTF-16 with its mark, or what spreadsheets save in China (GB 18030) and in the West (Windows-1252).

export const FILE_BYTES = 8_000_000;

export function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder(isChinese(bytes) ? 'gb18030' : 'windows-1252').decode(bytes);
  }
}

/**
 * Nearly all bytes are something in both. But Chinese text is made of signs and the commonest characters, whose two bytes are high both; in the
 * West a high byte stands alone between letters, which would be a rare character, or before a blank, which would be none.
 */
function isChinese(bytes: Uint8Array): boolean {
  const byte = (at: number) => bytes[at] ?? 0;
  let [common, rare, none] = [0, 0, 0];
  for (let at = 0; at < bytes.length; at++) {
    const [first, second] = [byte(at), byte(at + 1)];
    if (first < 0x80) continue;
    if (isDigit(second) && byte(at + 2) > 0x80 && isDigit(byte(at + 3))) {
      common++;
      at += 3;
    } else if (first > 0x80 && second >= 0x40) {
      if (isCommon(first, second)) common++;
      else rare++;
      at++;
    } else none++;
  }
  return common > 0 && common * 6 >= rare + none * 12;
}

const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39;

/** Rows of GB 2312: signs, kana, Greek, Cyrillic and pinyin, or the 3,755 characters of everyday. */
const isCommon = (first: number, second: number) => second > 0xa0 && ((first > 0xa0 && first < 0xaa) || (first >= 0xb0 && first < 0xd8));
