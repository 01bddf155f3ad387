// Owns an embedded PostgreSQL until it is killed, or until a line comes in.
import { once } from 'node:events';
import { startEmbeddedPostgres } from '../../../src/store/postgres/embedded/embedded.ts';

const [stateFolder = '', sharedFolder = ''] = process.argv.slice(2);
try {
  const embedded = await startEmbeddedPostgres({ stateFolder, sharedFolder, log: () => {} });
  process.stdout.write(`${JSON.stringify({ url: embedded.url })}\n`);
  await once(process.stdin, 'data');
  await embedded.stop();
  process.stdin.destroy();
} catch (error) {
  process.stdout.write(`${JSON.stringify({ error: error instanceof Error ? error.message : String(error) })}\n`);
  process.stdin.destroy();
}
