// `make health`: whether a server can work, and how large its memory is. Without URL= of the server of `make start`, with it of a
// deployment that this machine has made. Ends with 1 unless it is ready.
import { asked } from './lib/asked.mjs';
import { Failure, main } from './lib/run.mjs';

await main(async () => {
  const { url, answer } = await asked(process.env.URL, 'health');
  const { schema, expected, ready, memory } = answer;
  console.log(`${url}: schema ${schema}, WebAssembly memory ${(memory / 2 ** 20).toFixed(1)} MiB`);
  if (!ready) throw new Failure(`Not ready: it needs schema ${expected}. Run the command again that has put it there: make deploy, or the same make start.`);
  console.log('Ready.');
});
