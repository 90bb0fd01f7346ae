// The name that a client gives to what it sends, so that sending again is harmless.

/** 128 random bits as 32 hexadecimal digits. (`crypto.randomUUID` is not to be had on plain-http pages.) */
export function newClientId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
