import type { FileFormat } from '../format/file-format.ts';

type Marks = Pick<FileFormat, 'decimal' | 'thousands'>;

/** How numbers may be written; of two that explain as many cells, the first. */
export const NUMBER_STYLES: readonly Marks[] = [
  {},
  { thousands: ',' },
  { decimal: ',' },
  { decimal: ',', thousands: '.' },
  { decimal: ',', thousands: ' ' },
  { decimal: ',', thousands: '\u00a0' },
  { decimal: ',', thousands: '\u202f' },
  { decimal: ',', thousands: "'" },
  { thousands: ' ' },
  { thousands: '\u00a0' },
  { thousands: "'" },
  { thousands: '’' },
  { thousands: '_' },
];

const MARKS = ['.', '/', '-', ' '] as const;
const [DAYS_FIRST, MONTHS_FIRST] = [
  (mark: string) => [`dd${mark}MM${mark}yyyy`, `d${mark}M${mark}yyyy`, `dd${mark}MM${mark}yy`, `d${mark}M${mark}yy`],
  (mark: string) => [`MM${mark}dd${mark}yyyy`, `M${mark}d${mark}yyyy`, `MM${mark}dd${mark}yy`, `M${mark}d${mark}yy`],
];

/** Patterns of days, more likely ones first: before a slash the month comes first, as in the United States. */
export const DAY_STYLES: readonly string[] = [
  'yyyy-MM-dd',
  ...MARKS.flatMap((mark) =>
    mark === '/' ? [...MONTHS_FIRST(mark), ...DAYS_FIRST(mark)] : [...DAYS_FIRST(mark), ...MONTHS_FIRST(mark)],
  ),
  ...['/', '.', ' '].map((mark) => `yyyy${mark}MM${mark}dd`),
  'yyyy/M/d',
  'yyyyMMdd',
  ...[
    'd MMM yyyy',
    'd. MMM yyyy',
    'd-MMM-yyyy',
    'd-MMM-yy',
    'd MMMM yyyy',
    'd. MMMM yyyy',
    'MMM d, yyyy',
    'MMMM d, yyyy',
    'MMM d yyyy',
  ],
];

const TIMES = [
  'HH:mm',
  'HH:mm:ss',
  'HH:mm:ss[.S]',
  'HH:mm:ss[.S]X',
  'HH:mm:ss[.S] X',
  'H:mm',
  'H:mm:ss',
  'h:mm a',
  'h:mm:ss a',
  'HHmm',
  'HHmmss',
];

/** Patterns of days with times, with a blank, a T or a comma between them. */
export const TIME_STYLES: readonly string[] = [
  "yyyy-MM-dd'T'HH:mm:ss[.S][X]",
  ...DAY_STYLES.flatMap((day) => TIMES.flatMap((time) => [`${day} ${time}`, `${day}'T'${time}`, `${day}, ${time}`])),
];

/** Those of the styles above that have no mark which a text lacks: there are two thousand, and a reader of each takes long. */
export function stylesLike(text: string, styles: readonly string[]): readonly string[] {
  return styles.filter((style) => {
    for (const mark of marksOf(style)) if (!text.includes(mark)) return false;
    return true;
  });
}

const marks = new Map<string, string>();

/** The characters that every text has which is written in a style. */
function marksOf(style: string): string {
  const known = marks.get(style);
  if (known !== undefined) return known;
  // A fraction and a zone may be absent; of the letters, T alone stands for itself.
  const found = style.replaceAll(/\[(?:\.S|X)\]|[A-SU-Za-z']/g, '');
  marks.set(style, found);
  return found;
}

/** Words for true and false. */
export const WORD_PAIRS: readonly (readonly [yes: string, no: string])[] = [
  ['true', 'false'],
  ['t', 'f'],
  ['yes', 'no'],
  ['y', 'n'],
  ['ja', 'nein'],
  ['j', 'n'],
  ['oui', 'non'],
  ['si', 'no'],
  ['sí', 'no'],
  ['sim', 'não'],
  ['wahr', 'falsch'],
  ['vrai', 'faux'],
  ['on', 'off'],
  ['да', 'нет'],
  ['tak', 'nie'],
  ['ano', 'ne'],
];

/** Texts that mean null in many files. Where one stands among values of a column, it means null in this file. */
export const NULL_WORDS: readonly string[] = [
  ...[
    'NA',
    'N/A',
    'n/a',
    'NaN',
    'nan',
    'null',
    'NULL',
    'Null',
    'None',
    'none',
    'nil',
    '\\N',
    '#N/A',
    '#NV',
    '-',
    '--',
    '---',
  ],
  ...['?', '.', '..', '*', '(null)', '<NA>', 'missing', 'unknown', 'k.A.'],
];
