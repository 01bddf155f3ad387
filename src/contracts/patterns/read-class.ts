import { type CharacterSet, complement, folded, union } from './character-set.ts';
import type { PatternReader } from './pattern-reader.ts';
import { maybeClassEscape, readEscape, signed, WORD_CHARACTERS } from './read-escape.ts';

/** Classes of POSIX, in ASCII alone. */
const POSIX: ReadonlyMap<string, CharacterSet> = new Map<string, CharacterSet>([
  ['alnum', [0x30, 0x39, 0x41, 0x5a, 0x61, 0x7a]],
  ['alpha', [0x41, 0x5a, 0x61, 0x7a]],
  ['ascii', [0, 0x7f]],
  ['blank', [9, 9, 0x20, 0x20]],
  ['cntrl', [0, 0x1f, 0x7f, 0x7f]],
  ['digit', [0x30, 0x39]],
  ['graph', [0x21, 0x7e]],
  ['lower', [0x61, 0x7a]],
  ['print', [0x20, 0x7e]],
  ['punct', [0x21, 0x2f, 0x3a, 0x40, 0x5b, 0x60, 0x7b, 0x7e]],
  ['space', [9, 13, 0x20, 0x20]],
  ['upper', [0x41, 0x5a]],
  ['word', WORD_CHARACTERS],
  ['xdigit', [0x30, 0x39, 0x41, 0x46, 0x61, 0x66]],
]);

/** A class in brackets, which comes next. */
export function readClass(reader: PatternReader): CharacterSet {
  const start = reader.position;
  reader.take('[');
  const isNegated = reader.take('^');
  const sets: CharacterSet[] = [];
  // A bracket that comes first is itself in the class.
  while (sets.length === 0 || reader.peek() !== ']') {
    if (reader.isOver)
      throw reader.faultSince(start, 'the class has no end. Write ] after it, or \\[ for the bracket.');
    sets.push(maybePosixClass(reader) ?? maybeClassEscape(reader) ?? readRange(reader, start));
  }
  reader.next();
  const characters = union(...sets);
  return isNegated ? complement(characters) : characters;
}

function maybePosixClass(reader: PatternReader): CharacterSet | undefined {
  const start = reader.position;
  if (!reader.take('[:')) return undefined;
  const name = reader.takeUntil(':]');
  if (name === undefined) {
    reader.returnTo(start);
    return undefined;
  }
  const isNegated = name.startsWith('^');
  const set = POSIX.get(isNegated ? name.slice(1) : name);
  if (set !== undefined) return signed(reader, { set, isNegated });
  throw reader.faultSince(start, `no such class is known. Write one of ${[...POSIX.keys()].join(', ')}.`);
}

function readRange(reader: PatternReader, classStart: number): CharacterSet {
  const start = reader.position;
  const from = readCharacter(reader, classStart);
  let to = from;
  if (reader.peek() === '-' && reader.peek(1) !== ']' && reader.peek(1) !== '') {
    reader.next();
    to = readCharacter(reader, classStart);
    if (to < from) throw reader.faultSince(start, 'the range ends before it begins. Swap its ends, or write \\-.');
  }
  return reader.flags.isCaseless ? folded([from, to]) : [from, to];
}

function readCharacter(reader: PatternReader, classStart: number): number {
  if (reader.isOver) throw reader.faultSince(classStart, 'the class has no end. Write ] after it.');
  if (reader.peek() === '\\') return readEscape(reader);
  return reader.next().codePointAt(0) ?? 0;
}
