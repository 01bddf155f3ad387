import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DuckdbPool } from '#store';
import { checkFile } from '../../../src/contracts/check/check-file.ts';
import type { CheckResult } from '../../../src/contracts/check-result.ts';
import { checkOnEngine } from '../../../src/contracts/cluster/check-on-engine.ts';
import type { Contract } from '../../../src/contracts/contract.ts';
import { literal } from '../../../src/contracts/sql.ts';
import type { SqlEngine } from '../../../src/store/engines/sql-engine.ts';
import { canTestSpark, type SparkServer, startSpark } from '../../spark/sail.ts';
import { inProcessDuckdb } from '../duckdb-in-process.ts';
import { ORDERS, partOfSet, SET_CONTRACT } from './set-cases.ts';

describe.runIf(canTestSpark())('checkOnEngine', () => {
  let duckdb: DuckdbPool;
  let server: SparkServer;
  let engine: SqlEngine;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'weir-cluster-'));
    duckdb = await inProcessDuckdb();
    server = await startSpark();
    engine = await server.open();
    await writeFile(path.join(folder, 'orders.csv'), ORDERS);
  });
  afterAll(async () => {
    await engine?.close();
    await server?.stop();
    await duckdb.close();
    await rm(folder, { recursive: true, force: true });
  });

  const check = async (
    contract: Contract,
    files: readonly { readonly name: string; readonly path: string }[],
    into: string,
  ) =>
    checkOnEngine(engine, {
      ...{ contract, files, duckdb, name: 'set', folder: path.join(folder, into), writesParts: true },
      references: { orders: path.join(folder, 'orders.csv') },
    });

  it('finds in three files what a check of one file with all their rows finds', async () => {
    const bounds = [0, 130, 131, 400];
    const texts = bounds.slice(1).map((to, index) => partOfSet(bounds[index] ?? 0, to));
    const files = await written(path.join(folder, 'raw'), texts);
    const whole = path.join(folder, 'whole.csv');
    await writeFile(
      whole,
      texts.map((text, index) => (index === 0 ? text : text.slice(text.indexOf('\n') + 1))).join(''),
    );
    const options = { duckdb, contract: SET_CONTRACT, references: { orders: path.join(folder, 'orders.csv') } };
    const expected = await checkFile({ ...options, path: whole, folder: path.join(folder, 'one') });
    const found = await check(SET_CONTRACT, files, 'set');
    expect(factsOf(found.result)).toEqual(factsOf(expected.result));
    expect(expected.result.rows.rejected).toBeGreaterThan(3);
    // Keys that are repeated in another file than the first stands in.
    expect(examplesOf(found.result, 'id: unique')).toEqual(examplesOf(expected.result, 'id: unique'));
    const good = literal(path.join(found.files.good ?? '', '*.parquet'));
    const ids = await duckdb.use((connection) =>
      connection.all<{ id: number }>(`select id from read_parquet(${good}) order by weir_file, weir_row`),
    );
    const lines = (await readFile(expected.files.good ?? '', 'utf8')).trim().split('\n').slice(1);
    expect(ids.map(({ id }) => id)).toEqual(lines.map((line) => Number(line.split(',')[0])));
    expect((await readdir(path.join(folder, 'set'))).sort()).toEqual(['bad', 'check.json', 'good', 'rejected']);
  });
});

async function written(folder: string, texts: readonly string[]) {
  await mkdir(folder, { recursive: true });
  return Promise.all(
    texts.map(async (text, index) => {
      const file = { name: `part-${index}.csv`, path: path.join(folder, `part-${index}.csv`) };
      await writeFile(file.path, text);
      return file;
    }),
  );
}

/** What a result says, without the places of rows and the time that it took. */
function factsOf({ rows, verdict, criticality, violations, expectations, columns }: CheckResult) {
  return {
    ...{ rows, verdict, criticality, expectations },
    columns: columns.map((column) => ({ ...column, mean: column.mean?.toPrecision(10) })),
    violations: violations.map(({ examples: _, sentence, ...rest }) => ({ ...rest, sentence: rounded(sentence) })),
  };
}

/** Sums of doubles differ in their last digits by the order in which they are added. */
const rounded = (sentence: string): string =>
  sentence.replace(/found (-?[0-9.]+(?:e-?[0-9]+)?)$/, (_, number) => `found ${Number(Number(number).toPrecision(5))}`);

const examplesOf = ({ violations }: CheckResult, name: string) =>
  violations
    .find(({ expectation, column }) => `${column}: ${expectation}` === name)
    ?.examples?.map(({ values }) => values);
