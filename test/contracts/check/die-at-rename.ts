// die-at-rename <check | split> <file> <into> <n>, of a check also a folder of files
// Kills itself just before it gives a file or folder its name for the n-th time.
import sync from 'node:fs';
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { checkFile, checkPartitions, defineContract, integer, maybeFindPartitions, splitFile, text } from '#contracts';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

const [work, file = '', into = '', at] = process.argv.slice(2);
const { rename } = fs;
const { renameSync } = sync;
let left = Number(at);
const dieAtLast = (): void => {
  left -= 1;
  if (left === 0) process.kill(process.pid, 'SIGKILL');
};
fs.rename = async (from, to) => {
  dieAtLast();
  await rename(from, to);
};
sync.renameSync = (from, to) => {
  dieAtLast();
  renameSync(from, to);
};
// What has imported the function by its name gets this one too.
syncBuiltinESMExports();

const duckdb = await inProcessDuckdb();
const contract = defineContract({ name: 'x', columns: { id: integer({ unique: true }), t: text() } });
const dataset = await maybeFindPartitions(file);
if (dataset !== undefined) await checkPartitions({ ...dataset, contract, folder: into, duckdb });
else if (work === 'check') await checkFile({ path: file, contract, folder: into, duckdb });
else await splitFile({ path: file, into, files: 40, duckdb });
await duckdb.close();
