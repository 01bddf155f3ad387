import { seeded } from '../../../src/contracts/corrupt/random.ts';
import type { FileFormat } from '../../../src/contracts/format/file-format.ts';
import { type WriteOptions, writeTable } from './write-table.ts';

/** A small file, in the form of one that was published, with the cells that it has. */
export interface CorpusFile {
  readonly name: string;
  readonly bytes: Buffer;
  readonly names: readonly string[] | undefined;
  /** The cells as the default form has them. */
  readonly rows: readonly (readonly string[])[];
  /** Settings that must be found. */
  readonly format: FileFormat;
}

/** How the values of a file are written; without a word about it, as in the default form. */
interface Style {
  readonly day?: (year: string, month: string, day: string) => string;
  readonly time?: (iso: string) => string;
  readonly words?: readonly [yes: string, no: string];
  readonly nothing?: string;
}

interface Made {
  readonly format: FileFormat;
  readonly style?: Style;
  readonly options?: WriteOptions;
  readonly text?: string;
}

const ROWS = 60;
const NAMES = [
  'row id no',
  'measured on day',
  'seen at time',
  'amount in eur',
  'is paid yet',
  'place of it',
  'remark on it',
];
const PLACES = ['Aachen', 'Bonn', 'Essen', 'Köln'];
const DMY =
  (mark: string) =>
  (year: string, month: string, day: string): string =>
    [day, month, year].join(mark);

const GERMAN: FileFormat = { delimiter: ';', decimal: ',', thousands: '.', dates: ['dd.MM.yyyy'] };
const PLAIN: readonly (readonly [name: string, made: Made])[] = [
  ...[',', ';', '\t', '|', '^', '~', '\u0001', '\u001f', '§', '¦', '→', '||', '|@|'].map(
    (delimiter) => [`delimited by ${JSON.stringify(delimiter)}`, { format: { delimiter } }] as const,
  ),
  ...["'", '`', '«'].map((quote) => [`quoted by ${quote}`, { format: { quote }, options: { quoteEvery: 1 } }] as const),
  ['no quotes, with marks of inches', { format: { delimiter: '|', quote: null }, text: '"5 inches' }],
  ['backslashes', { format: { escape: 'backslash' }, options: { quoteEvery: 2 }, text: 'say "a", b\\c' }],
  [
    'backslashes and bars',
    { format: { escape: 'backslash', delimiter: '|' }, options: { quoteEvery: 3 }, text: 'a "b" | c' },
  ],
  ...[0, 2, 3].map((headerRows) => [`${headerRows} header rows`, { format: { headerRows } }] as const),
  ...[',', ';', '\t', '|'].map(
    (delimiter) => [`no header, ${JSON.stringify(delimiter)}`, { format: { headerRows: 0, delimiter } }] as const,
  ),
  ...[1, 2, 3, 5, 12].map((skipLines) => [`${skipLines} lines before the header`, { format: { skipLines } }] as const),
  ['a preamble and semicolons', { format: { skipLines: 4, delimiter: ';' } }],
  ...['#', '//', '%', '--'].map(
    (comment) => [`comments after ${comment}`, { format: { comment }, options: { commentEvery: 9 } }] as const,
  ),
  ...[',', ';', '|', '\t'].map(
    (delimiter) =>
      [`trailing ${JSON.stringify(delimiter)}`, { format: { delimiter, hasTrailingDelimiter: true } }] as const,
  ),
  ['trailing, no header', { format: { hasTrailingDelimiter: true, headerRows: 0, delimiter: '|' } }],
  ['blanks behind commas', { format: { blanks: 'skipped' }, options: { blanks: ' ', quoteEvery: 3 } }],
  ['blanks behind semicolons', { format: { blanks: 'skipped', delimiter: ';' }, options: { blanks: '  ' } }],
  ...['windows-1252', 'windows-1250', 'windows-1251', 'windows-1253'].map(
    (encoding) => [encoding, { format: { encoding } }] as const,
  ),
  ...['utf-32le', 'utf-32be'].map((encoding) => [encoding, { format: { encoding } }] as const),
  ['German', { format: GERMAN, style: { day: DMY('.'), words: ['ja', 'nein'], nothing: '-' } }],
  [
    'French',
    {
      format: { delimiter: ';', decimal: ',', thousands: ' ', dates: ['dd/MM/yyyy'] },
      style: { day: DMY('/'), words: ['oui', 'non'] },
    },
  ],
  [
    'French, narrow blanks',
    { format: { delimiter: ';', decimal: ',', thousands: '\u202f' }, style: { words: ['vrai', 'faux'] } },
  ],
  ['Swiss', { format: { delimiter: ';', thousands: "'", dates: ['dd.MM.yyyy'] }, style: { day: DMY('.') } }],
  ['decimal comma, quoted', { format: { decimal: ',' }, options: { quoteEvery: 1 } }],
  ['thousands with commas', { format: { thousands: ',' } }],
  [
    'American dates',
    { format: { dates: ['MM/dd/yyyy'] }, style: { day: (year, month, day) => [month, day, year].join('/') } },
  ],
  [
    'days of two digits',
    { format: { dates: ['dd.MM.yy'] }, style: { day: (year, month, day) => [day, month, year.slice(2)].join('.') } },
  ],
  ['dates of eight digits', { format: { dates: ['yyyyMMdd'] }, style: { day: (...parts) => parts.join('') } }],
  ['years first', { format: { dates: ['yyyy/MM/dd'] }, style: { day: (...parts) => parts.join('/') } }],
  [
    'PostgreSQL',
    {
      format: { timestamps: ['yyyy-MM-dd HH:mm:ss[.S]X'], booleans: { true: ['t'], false: ['f'] }, nulls: ['\\N'] },
      style: { time: (iso) => `${iso.replace('T', ' ').replace('Z', '')}+00`, words: ['t', 'f'], nothing: '\\N' },
    },
  ],
  [
    'times by the clock',
    {
      format: { timestamps: ['dd.MM.yyyy HH:mm'] },
      style: { time: (iso) => `${iso.slice(8, 10)}.${iso.slice(5, 7)}.${iso.slice(0, 4)} ${iso.slice(11, 16)}` },
    },
  ],
  ...[
    ['yes', 'no'],
    ['Y', 'N'],
    ['ja', 'nein'],
    ['да', 'нет'],
  ].map(([yes = '', no = '']) => [`words ${yes} and ${no}`, { format: {}, style: { words: [yes, no] } }] as const),
  ...['NA', 'N/A', 'NULL', '-', '?', 'n/a', 'NaN'].map(
    (nothing) => [`nothing is ${nothing}`, { format: { nulls: [nothing] }, style: { nothing } }] as const,
  ),
];

/** At least sixty files, each with one feature, and as many as asked with several. */
export function corpusOf(mixed: number): readonly CorpusFile[] {
  const all = [...PLAIN, ...Array.from({ length: mixed }, (_, seed) => [`mixed ${seed}`, mix(seed)] as const)];
  return all.map(([name, made], seed) => toFile(name, { made, seed }));
}

function mix(seed: number): Made {
  const random = seeded(seed ^ 0xc0b5);
  const base = random.pick(
    PLAIN.filter(([name]) => /^(German|French|PostgreSQL|American|words|nothing|delimited|windows)/.test(name)),
  )[1];
  const more: FileFormat = {
    ...(random.next() < 0.4 ? { skipLines: 1 + random.below(6) } : {}),
    ...(random.next() < 0.3 ? { headerRows: random.pick([0, 2]) } : {}),
    ...(random.next() < 0.3 ? { hasTrailingDelimiter: true } : {}),
    ...(random.next() < 0.3 ? { comment: '#' } : {}),
  };
  return {
    ...base,
    format: { ...base.format, ...more },
    options: { lineEnd: random.pick(['\n', '\r\n']), commentEvery: 7 },
  };
}

function toFile(name: string, { made, seed }: { readonly made: Made; readonly seed: number }): CorpusFile {
  const { format, style = {}, options = {}, text = 'plain' } = made;
  const random = seeded(seed ^ 0xf11e);
  const letters = { 'windows-1251': 'Москва', 'windows-1253': 'Αθήνα', 'windows-1250': 'Łódź' }[format.encoding ?? ''];
  const places = letters === undefined ? PLACES : [letters, 'Bonn', letters, 'Essen'];
  const written: string[][] = [];
  const rows = Array.from({ length: ROWS }, (_, row): readonly string[] => {
    const [month, day] = [String(1 + random.below(12)).padStart(2, '0'), String(1 + (row % 28)).padStart(2, '0')];
    const year = String(2000 + random.below(25));
    const iso = `${year}-${month}-${day}T${String(random.below(24)).padStart(2, '0')}:${String(random.below(60)).padStart(2, '0')}:00Z`;
    const amount = (row % 3 === 0 ? random.below(9_000_000) / 100 + 1000 : random.below(99_999) / 100 + 0.25).toFixed(
      2,
    );
    const isNull = row % 10 === 7;
    const paid = random.next() < 0.5;
    const [yes, no] = style.words ?? ['true', 'false'];
    const remark = `${text} ${row}`;
    const cells = [
      String(row + 1),
      style.day?.(year, month, day) ?? `${year}-${month}-${day}`,
      style.time?.(iso) ?? iso,
      isNull ? (style.nothing ?? '') : numeral(amount, format),
      paid ? yes : no,
      random.pick(places),
      remark,
    ];
    written.push(cells);
    return [cells[0] ?? '', `${year}-${month}-${day}`, iso, isNull ? '' : amount, String(paid), cells[5] ?? '', remark];
  });
  const content = writeTable({ names: NAMES, rows: written }, format, options);
  return {
    name,
    bytes: encoded(content, format.encoding),
    names: format.headerRows === 0 ? undefined : NAMES,
    rows,
    format,
  };
}

function numeral(amount: string, { decimal = '.', thousands = '' }: FileFormat): string {
  const [whole = '', fraction = ''] = amount.split('.');
  return `${whole.replaceAll(/\B(?=(\d{3})+$)/g, thousands)}${decimal}${fraction}`;
}

function encoded(content: string, encoding: string | undefined): Buffer {
  if (encoding === undefined) return Buffer.from(content);
  const codes = [...content].map((character) => character.codePointAt(0) ?? 0);
  if (encoding.startsWith('utf-32')) {
    const bytes = Buffer.alloc(codes.length * 4);
    for (const [at, code] of codes.entries())
      if (encoding === 'utf-32le') bytes.writeUInt32LE(code, at * 4);
      else bytes.writeUInt32BE(code, at * 4);
    return bytes;
  }
  const table = new TextDecoder(encoding).decode(Uint8Array.from({ length: 256 }, (_, byte) => byte));
  return Buffer.from([...content].map((character) => table.indexOf(character)));
}
