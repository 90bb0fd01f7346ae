// The name that a client gives to what it sends, so that sending again is harmless.

/** 100 random bits as 20 digits of base 32: every byte of it goes over the line twice. */
export function newClientId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(20)), (byte) => (byte & 31).toString(32)).join('');
}
