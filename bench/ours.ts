/** Weir as a contestant: `ours.ts check|check-quantile|check-sql|profile <file> <folder> <repetitions>`; prints one line of JSON at the end. */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { type CheckOutcome, checkFile, defineContract, profileFile } from '#contracts';
import { type DuckdbPool, openDuckdbPool } from '#store';
import { people, peopleWithQuantile, peopleWithSql } from './contract.ts';
import { formOfName } from './forms.ts';
import { usedSeconds } from './processor-time.ts';

const [work = '', file = '', folder = '', repetitions = '1'] = process.argv.slice(2);
const format = formOfName(file)?.format;
const contracts = new Map([
  ['check-quantile', peopleWithQuantile],
  ['check-sql', peopleWithSql],
]);
const contract =
  format === undefined
    ? (contracts.get(work) ?? people)
    : defineContract({ name: people.name, columns: people.columns, format });
const duckdb = openDuckdbPool({ size: 1 });
const seconds: number[] = [];
const processorSeconds: number[] = [];
let outcome: CheckOutcome | undefined;
// Python's peers are timed behind their imports; so is the start of DuckDB's process, which a check without SQL does not need.
if (work !== 'check') await duckdb.use((connection) => connection.run('select 1'));
for (let repetition = 0; repetition < Number(repetitions); repetition++) {
  const into = path.join(folder, `ours-${process.pid}-${repetition}`);
  mkdirSync(into, { recursive: true });
  const started = performance.now();
  const startedProcessor = usedSeconds();
  if (work === 'profile') await profile(duckdb, into);
  else outcome = await checkFile({ path: file, contract, folder: into, duckdb });
  seconds.push((performance.now() - started) / 1000);
  processorSeconds.push(usedSeconds() - startedProcessor);
  rmSync(into, { recursive: true });
}
await duckdb.close();

async function profile(pool: DuckdbPool, into: string): Promise<void> {
  await profileFile({ path: file, contract: people, duckdb: pool, folder: into });
}

// Our own package.json, beside this folder.
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const rows = outcome === undefined ? {} : { rows: outcome.result.rows };
process.stdout.write(
  `${JSON.stringify({ versions: { weir: version, node: process.versions.node }, seconds, processorSeconds, ...rows })}\n`,
);
