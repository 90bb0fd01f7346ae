// Runs the fake server for looking at the console by hand: `node tests/browser/fake/serve.mjs [port] [folder]`.
import { fileURLToPath } from 'node:url';
import { startFake } from './server.mjs';
import { tellStory } from './story.mjs';

const [port = '8760', files = fileURLToPath(new URL('../../../public/console/', import.meta.url))] = process.argv.slice(2);
const fake = await startFake({ files, port: Number(port) });
const { mei } = tellStory(fake.world);
console.log(`${fake.url}/console/  ${mei.email}  ${mei.password}`);
