import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ContractColumn } from '#api';
import {
  boolean,
  type Contract,
  category,
  checkFile,
  checkRows,
  date,
  defineContract,
  type FileFormat,
  integer,
  number,
  profileFile,
  readReasons,
  text,
  timestamp,
} from '#contracts';
import type { DuckdbPool } from '#store';
import { parseFile } from '../../src/web/pages/predict/parse-file.ts';
import { propertyRuns } from '../kills/choose-kills.ts';
import { makeColumn } from '../web/columns.ts';
import { inProcessDuckdb } from './duckdb-in-process.ts';
import { isSound, STRUCTURES } from './format/random-format.ts';
import { writeTable } from './format/write-table.ts';

const contract = defineContract({
  name: 'readers',
  columns: {
    place: integer({ nullable: true, unique: true }),
    cabin_class: category(['1st', '2nd', 'é']),
    age: number({ nullable: true, min: 0, max: 100, label: 'Age in years' }),
    code: text({ pattern: '[A-Z]{2}\\d*', lengthMax: 4, nullable: true, header: 'Code' }),
    sailed: date({ nullable: true }),
    at: timestamp({ nullable: true }),
    paid: boolean({ nullable: true }),
  },
});
const COLUMNS: readonly ContractColumn[] = Object.entries(contract.columns).map(([name, column]) => {
  const { kind, role, nullable, unique, header } = column;
  const limits = column.kind === 'category' ? { categories: [...column.categories] } : column;
  const about = { name, kind, role, nullable, unique, ...(header === undefined ? {} : { header }) };
  return makeColumn({ ...('categories' in limits ? limits : toLimits(column)), ...about, label: column.label ?? name });
});

function toLimits(column: Contract['columns'][string]): Partial<ContractColumn> {
  if (column.kind === 'number' || column.kind === 'integer')
    return {
      ...(column.min !== undefined && { min: column.min }),
      ...(column.max !== undefined && { max: column.max }),
    };
  if (column.kind !== 'text') return {};
  const { pattern, lengthMax } = column;
  return { ...(pattern !== undefined && { pattern }), ...(lengthMax !== undefined && { lengthMax }) };
}

/** Right and wrong texts by column. */
const TEXTS: readonly (readonly [right: readonly string[], wrong: readonly string[]])[] = [
  [
    ['1', '01', '2', '2.0', '3', '3e0', '-4', '50', '60', '70', '80', '90'],
    ['1.5', '9007199254740993', ' 5'],
  ],
  [
    ['1st', '2nd', 'é'],
    ['1ST', '1st ', 'e\u0301', ''],
  ],
  [
    ['30', '0', '100', '1e1', ''],
    ['100.5', '-1', '1,5', 'abc', 'NaN', '1_0', '0x1'],
  ],
  [
    ['AB', 'AB12', ''],
    ['AB123', 'ab', 'A', 'AB\u0661', 'AB\n', 'a"b', 'a|b'],
  ],
  [
    ['2026-03-01', '2026-03-01T00:00:00Z', '2024-02-29', ''],
    ['2026-02-30', '01.03.2026'],
  ],
  [
    ['2026-03-01T12:00:00Z', '2026-03-01 12:00', ''],
    ['2026-03-01T24:00:00Z', '2026-03-01', '2026-03-01T12:00:00+15:00'],
  ],
  [
    ['true', 'FALSE', '1', '0.0', ''],
    ['yes', 'True ', 'a;b'],
  ],
];
const DELIMITERS = [',', ';', '\t', '|'] as const;
const HEADERS = [
  ['place', 'cabin_class', 'age', 'Code', 'sailed', 'at', 'paid'],
  ['Place', 'Cabin Class', 'age-in-years', 'code', 'sailed', 'AT', 'paid '],
];

interface Written {
  readonly delimiter: (typeof DELIMITERS)[number];
  readonly contractDelimiter: (typeof DELIMITERS)[number];
  readonly header: number;
  readonly lineEnd: string;
  readonly encoding: 'utf-8' | 'marked' | 'utf-16le' | 'utf-16be' | 'latin-1';
  readonly isCompressed: boolean;
  readonly rows: readonly { readonly cells: readonly string[]; readonly raw: string; readonly kind: number }[];
}

const cellOf = ([right, wrong]: (typeof TEXTS)[number]): fc.Arbitrary<string> =>
  fc.oneof({ arbitrary: fc.constantFrom(...right), weight: 20 }, { arbitrary: fc.constantFrom(...wrong), weight: 2 });
const FILES: fc.Arbitrary<Written> = fc.record({
  delimiter: fc.constantFrom(...DELIMITERS),
  contractDelimiter: fc.constantFrom(...DELIMITERS),
  header: fc.constantFrom(0, 0, 1),
  lineEnd: fc.constantFrom('\n', '\n', '\r\n', '\r'),
  encoding: fc.constantFrom('utf-8', 'utf-8', 'marked', 'utf-16le', 'utf-16be', 'latin-1'),
  isCompressed: fc.constantFrom(false, false, true),
  rows: fc.array(
    fc.record({
      cells: fc.tuple(...TEXTS.map(cellOf)),
      raw: fc.constantFrom('', '"open', '"a"b', 'x', '""', '"x"\r'),
      kind: fc.constantFrom(...[0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]),
    }),
    { minLength: 1, maxLength: 12 },
  ),
});

/** Right and wrong texts by column, in a format that states how values are written. */
const FORMED_TEXTS: typeof TEXTS = [
  [['1'], ['7,5', '1.5']],
  [['1st', '2nd', 'é'], ['1ST']],
  [
    ['30', '0,5', '-', '99,9'],
    ['1.5', '100,5', 'abc'],
  ],
  [['AB', 'AB12', '-'], ['ab']],
  [
    ['01.03.2026', '29.02.2024', '-'],
    ['30.02.2026', '2026-03-01'],
  ],
  [
    ['01.03.2026 12:00', '2026-03-01 12:00:00+00', '-'],
    ['01.03.2026 24:00', '2026-03-01T12:00:00Z'],
  ],
  [['ja', 'NEIN', '-'], ['true']],
];
const FORMED_VALUES: FileFormat = {
  nulls: ['-'],
  decimal: ',',
  thousands: '.',
  dates: ['dd.MM.yyyy'],
  timestamps: ['dd.MM.yyyy HH:mm', 'yyyy-MM-dd HH:mm:ssX'],
  booleans: { true: ['ja'], false: ['nein'] },
};
const FORMED = fc
  .record({
    format: STRUCTURES.map((structure): FileFormat => ({ ...structure, ...FORMED_VALUES })),
    rows: fc.array(fc.tuple(...FORMED_TEXTS.map(cellOf)), {
      minLength: 1,
      maxLength: 40,
    }),
    breaks: fc.constantFrom('', '', '"open', 'x', '\r'),
  })
  // Without quotes a cell cannot hold what separates cells, and a dash begins a comment.
  .filter(({ format }) => isSound(format) && format.quote !== null && format.comment !== '--');

function bytesOf({ delimiter, header, lineEnd, encoding, isCompressed, rows }: Written): Buffer {
  const quoted = (cell: string): string => (/[",;|\t\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  const lines = rows.map(({ cells, raw, kind }) => {
    const written = cells.map(quoted);
    // A whole row; one too short, too long, with a broken field, or a blank line.
    const all = [written, written.slice(1), [...written, raw], written.with(3, raw), []][kind] ?? [];
    return all.join(delimiter);
  });
  const content = [(HEADERS[header] ?? []).map(quoted).join(delimiter), ...lines, ''].join(lineEnd);
  const bytes = {
    'utf-8': () => Buffer.from(content),
    marked: () => Buffer.from(`\ufeff${content}`),
    'utf-16le': () => Buffer.from(`\ufeff${content}`, 'utf16le'),
    'utf-16be': () => Buffer.from(`\ufeff${content}`, 'utf16le').swap16(),
    'latin-1': () => Buffer.from(content, 'latin1'),
  }[encoding]();
  return isCompressed ? gzipSync(bytes) : bytes;
}

let duckdb: DuckdbPool;
let folder: string;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-readers-'));
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

/** By line: the columns that are wrong, or why the record is no row. */
type Verdicts = readonly (readonly [line: number, wrong: string])[];

/** What the check of an arriving file says. */
async function ofCheck(
  file: string,
  applied: Contract,
): Promise<{ verdicts: Verdicts; rows: number; rejected: number }> {
  const { result, files } = await checkFile({
    path: file,
    contract: applied,
    folder: path.join(folder, 'out'),
    duckdb,
  });
  const reasons = await readReasons({ files, contract: applied, duckdb, linesMax: 100 });
  const verdicts = reasons.map(({ line, reason }) => [line, columnsIn(reason.split('; '))] as const);
  return { verdicts, rows: result.rows.in, rejected: result.rows.rejected };
}

const columnsIn = (reasons: readonly string[]): string =>
  [...new Set(reasons.map((reason) => reason.split(':')[0] ?? ''))].sort().join(' ');

/** What the web app says. */
async function ofPage(bytes: Buffer, { delimiter, format }: Pick<Contract, 'delimiter' | 'format'>) {
  const file = new File([new Uint8Array(bytes)], 'f.csv');
  // The API has lists that may change, and these are frozen.
  const about = { columns: [...COLUMNS], delimiter, ...(format && { format: format as object }) };
  const { table } = await parseFile(file, about);
  expect([table.missing, table.repeated, table.unused]).toEqual([[], [], []]);
  return table.rows;
}

describe('one file', () => {
  it('has the same good, bad and rejected rows on the page, where files arrive, in a profile and in the API', async () => {
    const seen = { good: 0, bad: 0, rejected: 0 };
    const property = fc.asyncProperty(FILES, async (written) => {
      const bytes = bytesOf(written);
      const applied = { ...contract, delimiter: written.contractDelimiter };
      const file = path.join(folder, 'f.csv');
      await writeFile(file, bytes);
      const check = await ofCheck(file, applied);
      if (check.rows === 0) return;
      const rows = await ofPage(bytes, applied);
      const wrong = rows.filter(({ problems }) => problems.length > 0);
      const isRejected = ({ problems }: (typeof rows)[number]): boolean => problems[0]?.field === '';

      expect(wrong.map(({ line }) => line)).toEqual(check.verdicts.map(([line]) => line));
      const broken = wrong.filter((row) => !isRejected(row));
      const columns = broken.map(({ line, problems }) => [line, columnsIn(problems.map(({ field }) => field))]);
      const rejectedLines = new Set(wrong.filter(isRejected).map(({ line }) => line));
      expect(columns).toEqual(check.verdicts.filter(([line]) => !rejectedLines.has(line)));
      expect([rows.length, rejectedLines.size]).toEqual([check.rows, check.rejected]);

      const profile = await profileFile({ path: file, duckdb, contract: applied });
      expect([profile.rows, profile.rejected]).toEqual([rows.length - rejectedLines.size, rejectedLines.size]);

      // A cell that has no value is sent as its text.
      const sent = rows.filter((row) => !isRejected(row)).map(({ texts, values }) => ({ ...texts, ...values }));
      const lines = rows.filter((row) => !isRejected(row)).map(({ line }) => line);
      const { problems } = checkRows(contract, sent);
      const refused = lines.map((line, row) => [
        line,
        columnsIn(problems.filter((each) => each.row === row).map(({ field }) => field)),
      ]);
      expect(refused.filter(([, fields]) => fields !== '')).toEqual(columns);

      seen.rejected += rejectedLines.size;
      seen.bad += broken.length;
      seen.good += rows.length - wrong.length;
    });
    const files = propertyRuns(80);
    await fc.assert(property, { numRuns: files, seed: 20261130 });
    expect(Math.min(seen.good, seen.bad, seen.rejected)).toBeGreaterThan(files / 10);
  });

  it('has the same good, bad and rejected rows on the page and where files arrive in any format', async () => {
    const seen = { good: 0, bad: 0, rejected: 0 };
    const property = fc.asyncProperty(FORMED, async ({ format, rows, breaks }) => {
      const header = (HEADERS[0] ?? []).map((name, at) => `Part ${name} ${at}`);
      const columns = Object.entries(contract.columns).map(
        ([name, column], at) => [name, { ...column, header: header[at] ?? name }] as const,
      );
      const applied = { ...contract, columns: Object.fromEntries(columns), format } as Contract;
      // A value of the first column may stand once.
      const numbered = rows.map(([first = '', ...cells], at) => [first === '1' ? String(at + 1) : first, ...cells]);
      const lines = writeTable({ names: header, rows: numbered }, format).split('\n');
      const before = lines.length - rows.length;
      const content = lines
        .map((line, at) => (at >= before && at % 4 === 0 && line !== '' ? `${line}${breaks}` : line))
        .join('\n');
      const file = path.join(folder, 'f.csv');
      await writeFile(file, content);
      const check = await ofCheck(file, applied);
      const named = COLUMNS.map((column, at) => ({ ...column, header: header[at] ?? '' }));
      const page = await parseFile(new File([content], 'f.csv'), {
        columns: named,
        delimiter: ',',
        format: format as object,
      });
      const wrong = page.table.rows.filter(({ problems }) => problems.length > 0);
      expect(wrong.map(({ line }) => line)).toEqual(check.verdicts.map(([line]) => line));
      const isRejected = ({ problems }: (typeof wrong)[number]): boolean => problems[0]?.field === '';
      const broken = wrong.filter((row) => !isRejected(row));
      const rejectedLines = new Set(wrong.filter(isRejected).map(({ line }) => line));
      expect(broken.map(({ line, problems }) => [line, columnsIn(problems.map(({ field }) => field))])).toEqual(
        check.verdicts.filter(([line]) => !rejectedLines.has(line)),
      );
      expect([page.table.rows.length, rejectedLines.size]).toEqual([check.rows, check.rejected]);
      seen.rejected += rejectedLines.size;
      seen.bad += broken.length;
      seen.good += page.table.rows.length - wrong.length;
    });
    const files = propertyRuns(60);
    await fc.assert(property, { numRuns: files, seed: 20261130 });
    expect(Math.min(seen.good, seen.bad, seen.rejected)).toBeGreaterThan(files / 10);
  });
});
