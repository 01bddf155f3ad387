import type { ColumnKind } from '../../../src/contracts/contract.ts';
import { type Random, seeded } from '../../../src/contracts/corrupt/random.ts';
import type { FileFormat } from '../../../src/contracts/format/file-format.ts';
import { valueText } from '../../../src/contracts/format/value-text.ts';
import { isSound } from './random-format.ts';
import { writeTable } from './write-table.ts';

/** A file that was made by chance, and the table that is in it. */
export interface DialectFile {
  readonly name: string;
  readonly bytes: Buffer;
  readonly format: FileFormat;
  readonly names: readonly string[];
  readonly kinds: readonly ColumnKind[];
  /** Values of the default form. */
  readonly rows: readonly (readonly string[])[];
}

const WORDS = 'north south east west red green blue small large old new high low first second'.split(' ');
const TITLES = 'code name total price day moment state group note share count size'.split(' ');
const PREAMBLES = [
  'Report of the department',
  'Created: 2026-03-01 12:00',
  'All amounts in thousands',
  'Source; see the notes',
  'Copyright, all rights reserved',
  '',
  'Page 1',
];
const KINDS = ['integer', 'number', 'date', 'timestamp', 'boolean', 'category', 'text'] as const;
const DATES = [
  'dd.MM.yyyy',
  'dd/MM/yyyy',
  'MM/dd/yyyy',
  'dd-MM-yyyy',
  'yyyy/MM/dd',
  'd MMM yyyy',
  'dd.MM.yy',
  'yyyyMMdd',
];
const TIMES = [
  'dd.MM.yyyy HH:mm',
  'yyyy-MM-dd HH:mm:ssX',
  'MM/dd/yyyy h:mm a',
  'dd/MM/yyyy HH:mm:ss',
  'yyyy-MM-dd HH:mm',
];
const PAIRS: readonly (readonly [string, string])[] = [
  ['yes', 'no'],
  ['Y', 'N'],
  ['t', 'f'],
  ['ja', 'nein'],
  ['oui', 'non'],
];

/** A file with a form of its own, and columns, values and texts by chance. */
export function dialectFile(seed: number): DialectFile {
  const random = seeded(seed ^ 0xd1a1);
  const format = formatBy(random);
  const kinds = kindsBy(random);
  const names = kinds.map((_, at) => `${TITLES[at % TITLES.length]} of ${WORDS[(at * 5 + seed) % WORDS.length]}`);
  const count = random.pick([3, 8, 25, 60, 200]);
  const rows = Array.from({ length: count }, (_, row) => kinds.map((kind) => valueBy(random, { kind, row, format })));
  const written = rows.map((row) => row.map((value, at) => textOf(value, kinds[at] ?? 'text', format)));
  const text = writeTable(
    { names, rows: written },
    { ...format, skipLines: 0 },
    {
      ...{ lineEnd: random.pick(['\n', '\r\n']), commentEvery: random.pick([0, 5]), blanks: random.pick([' ', '  ']) },
      ...{ quoteEvery: format.quote === null ? 0 : random.pick([0, 0, 1, 4]) },
    },
  );
  const before = Array.from({ length: format.skipLines ?? 0 }, (_, at) => PREAMBLES[(seed + at) % PREAMBLES.length]);
  // What is skipped ends with a text, as nobody can tell a blank line from one that is none.
  if (before.length > 0) before[before.length - 1] = PREAMBLES[seed % 3];
  return {
    ...{ name: `${seed}: ${JSON.stringify(format)}`, format, names, kinds, rows },
    bytes: encoded([...before, ''].join('\n') + text, format.encoding),
  };
}

function formatBy(random: Random): FileFormat {
  for (;;) {
    const maybe = <T>(share: number, values: readonly T[]): T | undefined =>
      random.next() < share ? random.pick(values) : undefined;
    const delimiter = random.pick([',', ',', ',', ';', ';', ';', '\t', '\t', '|', '|', '^', '~', '||', ':', ' ']);
    const decimal = delimiter === ',' ? undefined : maybe(0.4, [',']);
    const drawn: Readonly<Record<string, unknown>> = {
      ...{ delimiter, decimal, thousands: maybe(0.2, decimal === ',' ? ['.', ' ', "'"] : ["'", ' ', '_']) },
      ...{ quote: maybe(0.15, ["'", null]), escape: maybe(0.12, ['backslash']) },
      ...{ headerRows: maybe(0.25, [0, 2, 3]), skipLines: maybe(0.25, [1, 2, 3, 7]) },
      ...{ comment: maybe(0.12, ['#', '//', '%']), hasTrailingDelimiter: maybe(0.2, [true]) },
      ...{ blanks: maybe(0.15, ['skipped', 'trimmed']), encoding: maybe(0.15, ['windows-1252']) },
      ...{
        nulls: maybe(0.3, [['NA'], ['-'], ['NULL'], ['n/a'], ['\\N']]),
        dates: maybe(
          0.4,
          DATES.map((each) => [each]),
        ),
      },
      ...{
        timestamps: maybe(
          0.4,
          TIMES.map((each) => [each]),
        ),
      },
      booleans: maybe(
        0.5,
        PAIRS.map(([yes, no]) => ({ true: [yes], false: [no] })),
      ),
    };
    const format = Object.fromEntries(Object.entries(drawn).filter(([, value]) => value !== undefined)) as FileFormat;
    const isOfBlanks = format.thousands === ' ' || format.dates?.[0]?.includes(' ') || format.hasTrailingDelimiter;
    // An escaped backslash before an N is no null, and escaped slashes are no dates.
    const isEscaped = format.escape === 'backslash' && (format.nulls?.[0] === '\\N' || format.comment === '//');
    const isOdd = (delimiter === ' ' && isOfBlanks) || isEscaped;
    if (!isOdd && isSound(format)) return format;
  }
}

function kindsBy(random: Random): readonly ColumnKind[] {
  const kinds = Array.from({ length: 2 + random.below(9) }, () => random.pick(KINDS));
  // Something tells a row of names from one of values.
  return ['integer', ...kinds];
}

interface Valuing {
  readonly kind: ColumnKind;
  readonly row: number;
  readonly format: FileFormat;
}

function valueBy(random: Random, { kind, row, format }: Valuing): string {
  if (row % 9 === 4 && kind !== 'integer' && kind !== 'text' && kind !== 'category') return '';
  const day = `${2000 + random.below(26)}-${two(1 + random.below(12))}-${two(1 + ((row * 7 + 12) % 28))}`;
  switch (kind) {
    case 'integer':
      return String(row * 3 + 1);
    case 'number':
      return (
        random.below(3) === 0 ? random.below(5_000_000) / 100 + 1000.25 : random.below(90_000) / 100 + 0.75
      ).toFixed(2);
    case 'date':
      return day;
    case 'timestamp':
      return `${day}T${two(random.below(24))}:${two(random.below(60))}:00Z`;
    case 'boolean':
      return row < 2 ? String(row === 0) : String(random.next() < 0.5);
    case 'category':
      return random.pick(WORDS);
    default: {
      const odd = random.pick(['', '', '', ' é', '; or', ', and', ' "so"', " o'clock", ' | bar', ' # 5', ' \\ path']);
      const isBare = format.quote === null && format.escape !== 'backslash';
      return `${random.pick(WORDS)} ${row}${isBare && /[;,|"]/.test(odd) ? '' : odd}`;
    }
  }
}

const two = (value: number): string => String(value).padStart(2, '0');

function textOf(value: string, kind: ColumnKind, format: FileFormat): string {
  if (value === '') return format.nulls?.[0] ?? '';
  const { thousands = '' } = format;
  const [whole = '', ...rest] = valueText(kind, value, format).split(format.decimal ?? '.');
  if (kind !== 'number') return valueText(kind, value, format);
  return [whole.replaceAll(/\B(?=(\d{3})+$)/g, thousands), ...rest].join(format.decimal ?? '.');
}

function encoded(text: string, encoding: string | undefined): Buffer {
  return Buffer.from(text, encoding === undefined ? 'utf8' : 'latin1');
}
