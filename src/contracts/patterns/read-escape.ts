import { type CharacterSet, CODE_POINT_MAX, complement, folded, union } from './character-set.ts';
import type { PatternReader } from './pattern-reader.ts';
import { maybeGroup } from './unicode.ts';

/** Control characters by the letter that stands for them. */
const CONTROLS: ReadonlyMap<string, number> = new Map([
  ['a', 0x07],
  ['f', 0x0c],
  ['t', 0x09],
  ['n', 0x0a],
  ['r', 0x0d],
  ['v', 0x0b],
]);

const DIGITS: CharacterSet = [0x30, 0x39];
const SPACES: CharacterSet = [9, 10, 12, 13, 0x20, 0x20];
export const WORD_CHARACTERS: CharacterSet = [0x30, 0x39, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a];
const PERL: ReadonlyMap<string, CharacterSet> = new Map([
  ['d', DIGITS],
  ['s', SPACES],
  ['w', WORD_CHARACTERS],
]);

export const BACK_REFERENCE = 'a match of another group cannot be found in linear time; use row() for such a rule.';

/** What is written `\1`, `\u0041` and so on elsewhere, and what to write here. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ['u', 'Write a code point as \\x{20AC}.'],
  ['c', 'Write a control character as \\x07.'],
  ['Z', 'Write \\z for the end of the text.'],
  ['G', 'Write ^ for the start of the text.'],
  ['k', BACK_REFERENCE],
  ['K', 'Leave it out: only whether the text matches is asked.'],
  ['h', 'Write [ \\t].'],
  ['R', 'Write (?:\\r\\n|\\n|\\r).'],
  ['X', 'Write (?:\\PM\\pM*).'],
  ['e', 'Write \\x1B.'],
]);
const CLASS_IN_RANGE = 'A class is no end of a range. Write \\- for the hyphen.';

/** A class such as `\d`, `\S` or `\p{Greek}`, if one comes next. */
export function maybeClassEscape(reader: PatternReader): CharacterSet | undefined {
  if (reader.peek() !== '\\') return undefined;
  const letter = reader.peek(1);
  if (letter === 'p' || letter === 'P') return unicodeClass(reader);
  const positive = PERL.get(letter.toLowerCase());
  if (positive === undefined) return undefined;
  reader.take(`\\${letter}`);
  return signed(reader, { set: positive, isNegated: letter !== letter.toLowerCase() });
}

/** The set or its complement; the case of letters is looked away from before, as in RE2. */
export function signed(
  { flags }: PatternReader,
  { set, isNegated }: { readonly set: CharacterSet; readonly isNegated: boolean },
): CharacterSet {
  const wide = flags.isCaseless ? folded(set) : set;
  return isNegated ? complement(wide) : wide;
}

function unicodeClass(reader: PatternReader): CharacterSet {
  const start = reader.position;
  reader.next();
  let isNegated = reader.next() === 'P';
  const first = reader.next();
  let name: string | undefined = first;
  if (first === '{') name = reader.takeUntil('}');
  if (name === undefined) throw reader.faultSince(start, 'the name of a class has no end. Write \\p{Greek}.');
  if (name.startsWith('^')) {
    isNegated = !isNegated;
    name = name.slice(1);
  }
  const set = classes.get(name) ?? maybeClass(name);
  if (set === undefined) {
    throw reader.faultSince(
      start,
      'no category or script of Unicode is known by this name. Write a category such as \\p{Lu} or a script such as \\p{Greek}.',
    );
  }
  return signed(reader, { set, isNegated });
}

/** Classes of Unicode by their names, of which there are some two hundred. */
const classes = new Map<string, CharacterSet>();

function maybeClass(name: string): CharacterSet | undefined {
  const ranges = maybeGroup(name);
  if (ranges === undefined) return undefined;
  const set = union(ranges);
  classes.set(name, set);
  return set;
}

/** The code point of an escaped character: `\n`, `\.`, `\x{20AC}`, `\101`. */
export function readEscape(reader: PatternReader): number {
  const start = reader.position;
  reader.next();
  if (reader.isOver)
    throw reader.faultSince(start, 'nothing follows the backslash. Write \\\\ for a backslash itself.');
  const letter = reader.next();
  const control = CONTROLS.get(letter);
  if (control !== undefined) return control;
  if (letter === 'x') return hexadecimal(reader, start);
  if (/[0-7]/.test(letter)) return octal(reader, { start, first: letter });
  if (/^[\0-\x7f]$/.test(letter) && !/[a-zA-Z0-9]/.test(letter)) return letter.charCodeAt(0);
  const advice = /[0-9]/.test(letter)
    ? BACK_REFERENCE
    : /[dswpDSWP]/.test(letter)
      ? CLASS_IN_RANGE
      : INSTEAD.get(letter);
  throw reader.faultSince(start, advice ?? 'no such escape is known. Write the character without a backslash.');
}

function octal(reader: PatternReader, { start, first }: { readonly start: number; readonly first: string }): number {
  let digits = first;
  while (digits.length < 3 && /[0-7]/.test(reader.peek())) digits += reader.next();
  if (first !== '0' && digits.length === 1) throw reader.faultSince(start, BACK_REFERENCE);
  return Number.parseInt(digits, 8);
}

function hexadecimal(reader: PatternReader, start: number): number {
  const digits = reader.take('{') ? reader.takeUntil('}') : reader.next() + reader.next();
  const isNumber = digits !== undefined && /^[0-9a-fA-F]+$/.test(digits);
  const code = isNumber ? Number.parseInt(digits, 16) : Number.NaN;
  if (code <= CODE_POINT_MAX) return code;
  throw reader.faultSince(start, 'no code point is written so. Write two digits, \\x0A, or braces, \\x{20AC}.');
}
