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
