import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  boolean,
  category,
  checkFile,
  corruptFile,
  date,
  defineContract,
  ERROR_KINDS,
  type FileFormat,
  type InjectedError,
  integer,
  number,
  text,
  timestamp,
} from '#contracts';
import type { DuckdbPool } from '#store';
import { inProcessDuckdb } from '../duckdb-in-process.ts';
import { type Table, writeTable } from '../format/write-table.ts';

const COLUMNS = {
  id: integer({ role: 'id', min: 1, unique: true }),
  age: number({ min: 0, max: 100, nullable: true }),
  sex: category(['féminin', 'masculin']),
  born: date(),
  at: timestamp(),
  code: text({ pattern: '[a-z]{2}', lengthMax: 2 }),
  paid: boolean(),
  deck: text({ alwaysNull: true }),
};
const ROWS = 60;
const VALUES = {
  ...{ nulls: ['NA', 'abc'], decimal: ',', thousands: '_', dates: ['dd/MM/yyyy'], timestamps: ['dd/MM/yyyy HH:mm'] },
  booleans: { true: ['oui'], false: ['non', 'twelve'] },
};
const FORMATS: Readonly<Record<string, FileFormat>> = {
  'semicolons, commas and words': { ...VALUES, delimiter: ';', encoding: 'windows-1252', skipLines: 2 },
  'bars without quotes, trimmed': { ...VALUES, delimiter: '|', quote: null, blanks: 'trimmed', comment: '#' },
  'no header, backslashes': { ...VALUES, delimiter: '\u0001', headerRows: 0, escape: 'backslash', quote: "'" },
  'two header rows, trailing delimiters': { ...VALUES, delimiter: '\t', headerRows: 2, hasTrailingDelimiter: true },
};

let folder: string;
let duckdb: DuckdbPool;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-corrupt-form-'));
  duckdb = await inProcessDuckdb();
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

const table: Table = {
  names: Object.keys(COLUMNS),
  rows: Array.from({ length: ROWS }, (_, at) => {
    const day = `${String((at % 28) + 1).padStart(2, '0')}/01/2026`;
    const age = at % 7 === 0 ? 'NA' : `${at},5`;
    return [`${at + 1}`, age, at % 3 ? 'féminin' : 'masculin', day, `${day} 10:30`, 'ab', at % 2 ? 'oui' : 'non', 'NA'];
  }),
};

async function corrupted(format: FileFormat, kinds: readonly string[] | undefined) {
  const contract = defineContract({ name: 'people', columns: COLUMNS, format });
  const clean = path.join(folder, 'clean.csv');
  const bytes = Buffer.from(writeTable(table, format), format.encoding === undefined ? 'utf8' : 'latin1');
  await writeFile(clean, bytes);
  const out = path.join(folder, 'broken.csv');
  const how = kinds === undefined ? {} : { kinds };
  const made = await corruptFile({ path: clean, out, contract, duckdb, seed: 3, share: 0.5, ...how });
  const truth = (await readFile(made.truth, 'utf8')).trim();
  const errors: InjectedError[] = truth === '' ? [] : truth.split('\n').map((line) => JSON.parse(line));
  const { result } = await checkFile({ path: out, contract, folder: path.join(folder, 'out'), duckdb });
  return { result, errors, content: (await readFile(out, 'utf8')).replace('\ufeff', ''), clean: bytes };
}

describe.each(Object.entries(FORMATS))('a copy of a file in a form of %s', (_, format) => {
  const levels = ERROR_KINDS.filter(
    ({ kind, level }) => level !== 'file' && !(kind === 'broken-quote' && format.quote === null),
  );

  it.each(levels.map(({ kind }) => kind))('has rows with %s, each of which the check finds', async (kind) => {
    const { result, errors } = await corrupted(format, [kind]);
    expect(errors.length).toBeGreaterThan(ROWS / 4);
    const found = result.rows.bad + result.rows.rejected;
    // A record that is broken may take a row with it, but none is good.
    expect(result.rows.good).toBe(ROWS - errors.length);
    expect(found).toBe(errors.length);
  });

  it('has all other bytes as they were', async () => {
    const { errors, content, clean } = await corrupted(format, ['missing-value', 'out-of-range']);
    const lines = clean.toString(format.encoding === undefined ? 'utf8' : 'latin1').split('\n');
    const changed = content.split('\n').filter((line, at) => line !== lines[at]);
    expect(changed).toHaveLength(errors.length);
  });

  it.each(['missing-column', 'extra-column', 'swapped-columns', 'shifted-distribution'])(
    'may be changed as a whole: %s',
    async (kind) => {
      const { result, errors } = await corrupted(format, [kind]);
      expect(errors).toEqual([expect.objectContaining({ kind, row: 0 })]);
      if (kind === 'shifted-distribution') expect(result.rows.good).toBe(ROWS);
      else expect(result.verdict === 'pass').toBe(false);
    },
  );
});

describe.each(Object.entries(FORMATS))('a copy of JSON or Parquet in a form of %s', (_, format) => {
  const values = (row: number) => ({
    ...{
      id: row + 1,
      age: row % 7 === 0 ? null : row + 0.5,
      sex: row % 3 ? 'féminin' : 'masculin',
      born: '2026-01-09',
    },
    ...{ at: '2026-01-09T10:30:00Z', code: 'ab', paid: row % 2 === 1, deck: null },
  });
  const rows = Array.from({ length: ROWS }, (_, row) => values(row));
  const contract = defineContract({ name: 'people', columns: COLUMNS, format });

  it.each(['in.ndjson', 'in.json', 'in.parquet'])(
    'has rows with errors, each of which the check finds: %s',
    async (name) => {
      const file = path.join(folder, name);
      const lines = rows.map((row) => JSON.stringify(row));
      await writeFile(file, name === 'in.json' ? `[${lines.join(',\n')}]` : lines.join('\n'));
      if (name === 'in.parquet') {
        const json = path.join(folder, 'in.ndjson');
        await writeFile(json, lines.join('\n'));
        const read = `read_json('${json}', columns = {id: 'bigint', age: 'double', sex: 'varchar', born: 'date', "at": 'timestamp', code: 'varchar', paid: 'boolean', deck: 'varchar'})`;
        await duckdb.use((connection) => connection.run(`copy (from ${read}) to '${file}' (format parquet)`));
      }
      const out = path.join(folder, 'broken.csv');
      const made = await corruptFile({
        ...{ path: file, out, contract, duckdb, seed: 3, share: 0.5 },
        kinds: ['missing-value', 'out-of-range', 'unknown-category'],
      });
      const { result } = await checkFile({ path: out, contract, folder: path.join(folder, 'out'), duckdb });
      expect(made.errors).toBe(ROWS / 2);
      expect(result.rows).toEqual({ in: ROWS, good: ROWS / 2, bad: ROWS / 2, rejected: 0 });
      await corruptFile({ path: file, out, contract, duckdb, seed: 3, share: 0 });
      expect(await goodRowsOf(out)).toBe(await goodRowsOf(file));
    },
  );

  /** As the check writes them, with moments in one spelling. */
  async function goodRowsOf(file: string): Promise<string> {
    const { files } = await checkFile({ path: file, contract, folder: path.join(folder, 'out'), duckdb });
    return (await readFile(files.good ?? '', 'utf8')).replaceAll(/(T| )10:30(:00)?Z?/g, ' 10:30');
  }
});

describe('a cell that the format reads as another value', () => {
  it.each([
    ['a text that means null', { nulls: ['ab'] }, { code: 'ab' }],
    ['a number with the mark of thousands', { decimal: ',' }, { age: '1,5' }],
    ['blanks that are trimmed', { blanks: 'trimmed' }, { code: ' a' }],
    ['columns in another order without a header', { headerRows: 0 }, { code: 'ab' }],
  ] as const)('is refused: %s', async (_, format, row) => {
    const columns = { age: number({ nullable: true }), code: text({ nullable: true }) };
    const contract = defineContract({ name: 'people', columns, format: { delimiter: ';', ...format } });
    const file = path.join(folder, 'odd.ndjson');
    await writeFile(
      file,
      JSON.stringify('headerRows' in format ? { code: 'ab', age: 1 } : { age: 1, code: 'x', ...row }),
    );
    const corrupting = corruptFile({
      path: file,
      out: path.join(folder, 'none.csv'),
      contract,
      duckdb,
      seed: 1,
      share: 1,
    });
    await expect(corrupting).rejects.toMatchObject({ code: 'file_unreadable' });
  });
});
