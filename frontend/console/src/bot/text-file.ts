// A text file as people have it: UTF-8, or what spreadsheets in China save.

export const FILE_BYTES = 8_000_000;

export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('gb18030').decode(bytes);
  }
}
