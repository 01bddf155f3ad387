import fc from 'fast-check';

const CHARACTERS = [
  'a',
  'b',
  'c',
  'B',
  'k',
  's',
  'ſ',
  'K',
  'é',
  'É',
  'ß',
  'ẞ',
  'σ',
  'ς',
  'Σ',
  '0',
  '7',
  '_',
  '-',
  ' ',
  '\n',
  '\t',
  '€',
  '語',
  '😀',
  '𐐀',
  '𐐨',
  '.',
  ']',
  '^',
];
const ESCAPED = [
  '.',
  '*',
  '\\',
  '[',
  ']',
  '(',
  ')',
  '|',
  '^',
  '$',
  '-',
  '_',
  '{',
  '\n',
  ' ',
  'n',
  't',
  'x41',
  'x{1F600}',
  '101',
  '07',
  '0',
  'a',
  'f',
  'v',
  'r',
];
/** Escapes that RE2 does not know, or not everywhere. */
const STRANGE = [
  '1',
  '8',
  'u',
  'c',
  'Z',
  'G',
  'k',
  'e',
  'é',
  'x',
  'xg0',
  'x{}',
  'x{110000}',
  'Q',
  'E',
  'p',
  'p{',
  'p{Nope}',
  'pé',
  'h',
  'R',
];
const CLASSES = [
  'd',
  'D',
  's',
  'S',
  'w',
  'W',
  'pL',
  'PL',
  'pN',
  'p{Lu}',
  'p{^Lu}',
  'P{^Lu}',
  'P{Greek}',
  'p{Greek}',
  'p{Any}',
  'pZ',
  'p{So}',
  'p{Han}',
  'p{Sc}',
  'pM',
  'pC',
];
const POSIX = [
  'alpha',
  '^alpha',
  'digit',
  'word',
  'punct',
  'space',
  'upper',
  '^lower',
  'xdigit',
  'graph',
  'print',
  'ascii',
  'blank',
  'cntrl',
  'alnum',
  'nope',
];
const FLAGS = ['i', 's', 'm', 'U', '-i', 's-i', 'im-s', 'mU', '-s', 'i-', '', 'x', '-'];

const escaped = (parts: readonly string[]) => fc.constantFrom(...parts).map((part) => `\\${part}`);
const literal = fc.constantFrom(...CHARACTERS.filter((character) => !'.]^'.includes(character)));
const classEscape = escaped(CLASSES);

const range = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(literal, literal).map(([from, to]) => (from <= to ? `${from}-${to}` : `${to}-${from}`)),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom(...CHARACTERS), fc.constantFrom(...CHARACTERS)).map((ends) => ends.join('-')),
  },
);
const classItem = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...CHARACTERS) },
  { weight: 6, arbitrary: range },
  { weight: 3, arbitrary: classEscape },
  { weight: 2, arbitrary: escaped(ESCAPED) },
  { weight: 2, arbitrary: fc.constantFrom(...POSIX).map((name) => `[:${name}:]`) },
  { weight: 1, arbitrary: fc.constantFrom('-', '[', '[:', '&&', '\\1', 'a-\\d', '\\Q') },
);
const characterClass = fc
  .tuple(fc.constantFrom('', '', '^'), fc.array(classItem, { minLength: 1, maxLength: 4 }))
  .map(([sign, items]) => `[${sign}${items.join('')}]`);

const assertion = fc.constantFrom('^', '$', '\\A', '\\z', '\\b', '\\B');
const flag = fc.constantFrom(...FLAGS);
const times = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom('*', '+', '?', '*?', '+?', '??', '{2}', '{0}', '{1,3}', '{2,}', '{0,2}?', '{0,}'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('{1001}', '{3,1}', '{,2}', '{x}', '{01}', '{1', '**', '+*', '{2}*', '{1,2}{2}', '{40}'),
  },
);

/** Patterns of RE2, and some that are nearly ones. */
export const patterns = fc.letrec<{ pattern: string; item: string; atom: string }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.array(tie('item'), { maxLength: 4 }).map((items) => items.join('')),
    fc.tuple(tie('pattern'), tie('pattern')).map((options) => options.join('|')),
  ),
  item: fc.oneof(
    { weight: 5, arbitrary: tie('atom') },
    { weight: 4, arbitrary: fc.tuple(tie('atom'), times).map((parts) => parts.join('')) },
    { weight: 1, arbitrary: flag.map((flags) => `(?${flags})`) },
  ),
  atom: fc.oneof(
    { maxDepth: 4 },
    { weight: 16, arbitrary: literal },
    { weight: 6, arbitrary: characterClass },
    { weight: 3, arbitrary: fc.constant('.') },
    { weight: 2, arbitrary: classEscape },
    { weight: 2, arbitrary: escaped(ESCAPED) },
    { weight: 2, arbitrary: assertion },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '\\Qa.b\\E',
        '\\Q*',
        '\\C',
        '{',
        '}',
        ']',
        '(',
        ')',
        '*',
        '[a',
        '(?=a)',
        '(?<n>a)',
        '(?P<n>a)',
        '(?P<é>a)',
        '(?P=n)',
        '(?#x)',
        '(?>a)',
      ),
    },
    { weight: 1, arbitrary: escaped(STRANGE) },
    { weight: 3, arbitrary: tie('pattern').map((inner) => `(${inner})`) },
    { weight: 2, arbitrary: tie('pattern').map((inner) => `(?:${inner})`) },
    { weight: 1, arbitrary: fc.tuple(flag, tie('pattern')).map(([flags, inner]) => `(?${flags}:${inner})`) },
  ),
})).pattern;

/** Texts of the characters that the patterns name, and a few of any. */
export const texts = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.array(fc.constantFrom(...CHARACTERS), { maxLength: 5 }).map((characters) => characters.join('')),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 3 }).filter((text) => !text.includes('\0')) },
);
