// The demo shop's own system, examples/shop.mjs, which its bot asks where orders are. Its address and secret stand beside the store
// that knows them.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shop } from '../../examples/shop.mjs';
import { freePort } from './server.mjs';

const file = (store) => join(store, 'shop.json');

/** Whether the demo has ever had one in this store. */
export const hasShop = (store) => existsSync(file(store));
let isOpen = false;

/** Where one will listen. */
export const newAddress = async () => `http://127.0.0.1:${await freePort()}/`;

/** Keeps what the bot was told of it. */
export const remember = (store, known) => writeFileSync(file(store), `${JSON.stringify(known)}\n`, { mode: 0o600 });

/** Opens it, if this store has one, for as long as this process lives. */
export async function openShop(store) {
  if (isOpen || !existsSync(file(store))) return;
  isOpen = true;
  const { url, secret } = JSON.parse(readFileSync(file(store), 'utf8'));
  const server = shop({ secret }).unref();
  await new Promise((resolve) => {
    server.once('error', ({ code }) => {
      console.error(`The demo shop’s own system can’t be at ${url} (${code}): what the bot would ask it, it hands over.`);
      resolve();
    });
    server.listen(Number(new URL(url).port), '127.0.0.1', resolve);
  });
}
