/**
 * What one writes with DuckDB alone: read with `store_rejects`, which drops what it cannot read, then the same twelve
 * expectations as a mask, and both parts written. It takes the casts of DuckDB at their word.
 * `duckdb-only.ts check|profile <file> <folder> <repetitions>`; prints one line of JSON at the end.
 */
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { usedSeconds } from './processor-time.ts';

const COLUMNS = ['id', 'age', 'sex', 'class', 'fare', 'country', 'ts'];
const CONDITIONS = {
  'id: not-null': 'id is null',
  'id: of-type': 'id is not null and id_typed is null',
  'age: not-null': 'age is null',
  'age: of-type': 'age is not null and age_typed is null',
  'age: in-range': 'age_typed not between 0 and 120',
  'sex: not-null': 'sex is null',
  'sex: in-set': "sex not in ('male', 'female')",
  'class: in-set': "class not in ('first', 'second', 'third')",
  'fare: of-type': 'fare is not null and fare_typed is null',
  'fare: in-range': 'fare_typed not between 0 and 1000',
  'ts: of-type': 'ts is not null and ts_typed is null',
};
const REASONS = [...Object.keys(CONDITIONS), 'id: unique'];

const [, file = '', folder = '', repetitions = '1'] = process.argv.slice(2);
const instance = await DuckDBInstance.create(':memory:', { memory_limit: '1024MB', temp_directory: folder });
const connection = await instance.connect();
await connection.run('select 1');
const seconds: number[] = [];
const processorSeconds: number[] = [];
let rows = { good: 0, bad: 0, rejected: 0 };
for (let repetition = 0; repetition < Number(repetitions); repetition++) {
  const into = path.join(folder, `duckdb-only-${process.pid}-${repetition}`);
  mkdirSync(into, { recursive: true });
  const started = performance.now();
  const startedProcessor = usedSeconds();
  rows = await check(connection, into);
  seconds.push((performance.now() - started) / 1000);
  processorSeconds.push(usedSeconds() - startedProcessor);
  rmSync(into, { recursive: true });
}
const [[version] = []] = (await connection.runAndReadAll('select version()')).getRowsJson();
process.stdout.write(`${JSON.stringify({ versions: { duckdb: version }, seconds, processorSeconds, rows })}\n`);

async function check(duckdb: DuckDBConnection, into: string): Promise<typeof rows> {
  const types = COLUMNS.map((name) => `'${name}': 'VARCHAR'`).join(', ');
  const source = `read_csv('${file}', header = true, delim = ',', quote = '"', escape = '"', nullstr = '', auto_detect = false, store_rejects = true, rejects_limit = 0, columns = {${types}})`;
  const typed = `select *, try_cast(id as bigint) as id_typed, try_cast(age as double) as age_typed, try_cast(fare as double) as fare_typed, try_cast(ts as timestamp) as ts_typed from ${source}`;
  const mask = Object.values(CONDITIONS).map((sql, bit) => `(coalesce(${sql}, false)::integer << ${bit})`);
  await duckdb.run(
    `create or replace temp table checked as select ${COLUMNS.join(', ')}, id_typed, ${mask.join(' | ')} as mask from (${typed})`,
  );
  const unique = 1 << Object.keys(CONDITIONS).length;
  await duckdb.run(`create or replace temp table bad as
    with repeated as (select id_typed as id, min(rowid) as first from checked where id_typed is not null group by id_typed having count(*) > 1)
    select checked.rowid as number, mask | case when repeated.id is not null and checked.rowid <> first then ${unique} else 0 end as mask
    from checked left join repeated on id_typed = repeated.id
    where mask <> 0 or (repeated.id is not null and checked.rowid <> first)`);
  const names = REASONS.map((reason, bit) => `case when bad.mask & ${1 << bit} <> 0 then '${reason}' end`);
  const original = COLUMNS.map((name) => `checked.${name}`).join(', ');
  await duckdb.run(
    `copy (select ${COLUMNS.join(', ')} from checked where rowid not in (select number from bad)) to '${into}/good.csv' (format csv, header)`,
  );
  await duckdb.run(
    `copy (select number, ${original}, concat_ws('; ', ${names.join(', ')}) as violations from bad join checked on number = checked.rowid order by number) to '${into}/bad.csv' (format csv, header)`,
  );
  await duckdb.run(
    `copy (select distinct line, csv_line from reject_errors) to '${into}/rejected.csv' (format csv, header)`,
  );
  const counts = REASONS.map((_, bit) => `count(*) filter (where mask & ${1 << bit} <> 0)`);
  await duckdb.run(`select ${counts.join(', ')} from bad`);
  const answer = await duckdb.runAndReadAll(
    'select (select count(*) from checked), (select count(*) from bad), (select count(distinct line) from reject_errors)',
  );
  const [[all, bad, rejected] = []] = answer.getRowsJson();
  await duckdb.run('drop table reject_errors; drop table reject_scans');
  return { good: Number(all) - Number(bad), bad: Number(bad), rejected: Number(rejected) };
}
