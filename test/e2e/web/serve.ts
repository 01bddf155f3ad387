import path from 'node:path';
import { makeEmptyFixtures, makeFixtures } from './fixtures.ts';
import { startMockServer } from './mock-server.ts';

// For people who work on the pages without a database:
//   npx tsx -C weir-source test/e2e/web/serve.ts [port] [web folder] [empty]
const [port = '8090', folder = 'dist/web', kind = 'full'] = process.argv.slice(2);
const fixtures = kind === 'empty' ? makeEmptyFixtures(Date.now()) : makeFixtures(Date.now());
const { url } = await startMockServer(path.resolve(folder), fixtures, { port: Number(port) });
process.stdout.write(`The pages with made-up data are at ${url}\n`);
