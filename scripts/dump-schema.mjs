// Writes database/schema.sql: what all migrations add up to, to be read and reviewed. Nothing runs it.
// node --import tsx -C weir-source scripts/dump-schema.mjs
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, migrate, startEmbeddedPostgres } from '#store';
import { rootFolder } from './root-folder.mjs';
import { schemaText } from './schema-text.mjs';

writeFileSync(join(rootFolder, 'database', 'schema.sql'), await withMigratedDatabase(schemaText));

async function withMigratedDatabase(work) {
  const folder = mkdtempSync(join(tmpdir(), 'weir-schema-'));
  // As root the server runs as somebody else, who must be able to go in.
  chmodSync(folder, 0o711);
  const postgres = await startEmbeddedPostgres({ stateFolder: folder, log: () => {} });
  const database = connect({ url: postgres.url });
  try {
    await migrate(database);
    return await work(database);
  } finally {
    await database.close();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
