import { ANYTHING, complement, folded, has } from './character-set.ts';
import { PatternFault } from './pattern-fault.ts';
import { type Flags, PatternReader } from './pattern-reader.ts';
import { readClass } from './read-class.ts';
import { BACK_REFERENCE, maybeClassEscape, readEscape } from './read-escape.ts';
import { type Assertion, NOTHING, type PatternNode } from './syntax.ts';
import { maybeGroup } from './unicode.ts';

/** As in RE2; nested repetitions count together. */
const REPEATS_MAX = 1000;
/** Groups within groups. Each is a call within a call here. */
const DEPTH_MAX = 250;
/** Of a pattern, in characters. */
const LENGTH_MAX = 20_000;

const NOT_A_LINE_END = complement([10, 10]);
const ROW_INSTEAD = 'look-around cannot be matched in linear time; use row() for such a rule.';
/** Starts of groups that other engines know and RE2 does not. */
const UNKNOWN_GROUPS: readonly (readonly [start: string, advice: string])[] = [
  ['(?=', ROW_INSTEAD],
  ['(?!', ROW_INSTEAD],
  ['(?<=', ROW_INSTEAD],
  ['(?<!', ROW_INSTEAD],
  ['(?>', 'write (?: instead, which matches the same whole texts or more.'],
  ['(?P=', BACK_REFERENCE],
  ['(?#', 'leave the comment out.'],
  ['(?<', 'write a named group as (?P<name>…), or (?:…) without a name.'],
];

/**
 * Reads a pattern in the syntax of RE2. What the RE2 of DuckDB refuses is refused, and `\C`, which would read half a
 * character.
 */
export function parsePattern(pattern: string): PatternNode {
  if (pattern.length > LENGTH_MAX) {
    throw new PatternFault(
      `it has ${pattern.length} characters; ${LENGTH_MAX} are read at most. Use inSet() for a list of texts.`,
    );
  }
  const reader = new PatternReader(pattern);
  const node = readChoice(reader);
  if (reader.isOver) return node;
  const start = reader.position;
  reader.next();
  throw reader.faultSince(start, 'no group is open here. Write \\) for the character.');
}

function readChoice(reader: PatternReader): PatternNode {
  const options = [readSequence(reader)];
  while (reader.take('|')) options.push(readSequence(reader));
  const [only] = options;
  return options.length === 1 && only !== undefined ? only : { kind: 'choice', options };
}

function readSequence(reader: PatternReader): PatternNode {
  const parts: PatternNode[] = [];
  let repetition: number | undefined;
  while (!reader.isOver && reader.peek() !== '|' && reader.peek() !== ')') {
    const start = reader.position;
    const times = maybeTimes(reader);
    if (times === undefined) {
      readItem(reader, parts);
      repetition = undefined;
      continue;
    }
    if (repetition !== undefined) {
      throw reader.faultSince(
        repetition,
        'a repetition is repeated. Put what it repeats in a group, (?:a*)*, or \\ before it.',
      );
    }
    const part = parts.pop();
    if (part === undefined) {
      throw reader.faultSince(start, 'nothing stands before it to repeat. Write \\ before it for the character.');
    }
    const repeated: PatternNode = { kind: 'repeat', part, ...times };
    if (repeatsOf(repeated) > REPEATS_MAX) {
      throw reader.faultSince(
        start,
        `a part can be repeated ${REPEATS_MAX} times, with what is nested. Use lengthMax for longer texts.`,
      );
    }
    parts.push(repeated);
    repetition = start;
  }
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { kind: 'sequence', parts };
}

/** How often the innermost part is written out. */
function repeatsOf(node: PatternNode): number {
  switch (node.kind) {
    case 'set':
    case 'assertion':
      return 1;
    case 'sequence':
      return mostRepeats(node.parts);
    case 'choice':
      return mostRepeats(node.options);
    case 'repeat': {
      const times = Number.isFinite(node.most) ? node.most : node.least;
      return Math.max(1, times) * repeatsOf(node.part);
    }
    default:
      return node satisfies never;
  }
}

const mostRepeats = (nodes: readonly PatternNode[]): number =>
  nodes.reduce((most, node) => Math.max(most, repeatsOf(node)), 1);

type Times = Pick<Extract<PatternNode, { kind: 'repeat' }>, 'least' | 'most'>;

const SIGNS: ReadonlyMap<string, Times> = new Map([
  ['*', { least: 0, most: Number.POSITIVE_INFINITY }],
  ['+', { least: 1, most: Number.POSITIVE_INFINITY }],
  ['?', { least: 0, most: 1 }],
]);

/** How often the part before is repeated, if a sign of repetition comes next. */
function maybeTimes(reader: PatternReader): Times | undefined {
  const start = reader.position;
  const sign = SIGNS.get(reader.peek());
  if (sign !== undefined) reader.next();
  const times = sign ?? maybeCounts(reader);
  // Whether as few as possible are read decides nothing about whether the text matches.
  if (times !== undefined) reader.take('?');
  if (times !== undefined && times.least > times.most) {
    throw reader.faultSince(start, 'the largest number is smaller than the least. Swap them.');
  }
  return times;
}

/** `{2}`, `{2,}` or `{2,5}`; any other brace is a character. */
function maybeCounts(reader: PatternReader): Times | undefined {
  const start = reader.position;
  if (!reader.take('{')) return undefined;
  const [, least, comma, most] =
    /^(0|[1-9][0-9]{0,8})(,)?(0|[1-9][0-9]{0,8})?$/.exec(reader.takeUntil('}') ?? '') ?? [];
  if (least === undefined || (comma === undefined && most !== undefined)) {
    reader.returnTo(start);
    return undefined;
  }
  if (comma === undefined) return { least: Number(least), most: Number(least) };
  return { least: Number(least), most: most === undefined ? Number.POSITIVE_INFINITY : Number(most) };
}

/** Reads what can be repeated; flags alone add nothing. */
function readItem(reader: PatternReader, parts: PatternNode[]): void {
  const { flags } = reader;
  if (reader.peek() === '(') {
    const group = readGroup(reader);
    if (group !== undefined) parts.push(group);
  } else if (reader.take('^')) parts.push(asserted(flags.isMultiline ? 'line-start' : 'text-start'));
  else if (reader.take('$')) parts.push(asserted(flags.isMultiline ? 'line-end' : 'text-end'));
  else if (reader.take('.')) parts.push({ kind: 'set', characters: flags.isDotAll ? ANYTHING : NOT_A_LINE_END });
  else if (reader.peek() === '[') parts.push({ kind: 'set', characters: readClass(reader) });
  else if (reader.take('\\Q'))
    parts.push(...[...quoted(reader)].map((character) => literal(reader, character.codePointAt(0) ?? 0)));
  else if (reader.peek() === '\\') parts.push(readEscaped(reader));
  else parts.push(literal(reader, reader.next().codePointAt(0) ?? 0));
}

const asserted = (assertion: Assertion): PatternNode => ({ kind: 'assertion', assertion });

function literal({ flags }: PatternReader, codePoint: number): PatternNode {
  const characters = [codePoint, codePoint];
  return { kind: 'set', characters: flags.isCaseless ? folded(characters) : characters };
}

/** What stands up to `\E`, or to the end. */
function quoted(reader: PatternReader): string {
  const until = reader.takeUntil('\\E');
  if (until !== undefined) return until;
  let rest = '';
  while (!reader.isOver) rest += reader.next();
  return rest;
}

const ASSERTIONS: ReadonlyMap<string, Assertion> = new Map([
  ['A', 'text-start'],
  ['z', 'text-end'],
  ['b', 'word-boundary'],
  ['B', 'no-word-boundary'],
]);

function readEscaped(reader: PatternReader): PatternNode {
  const start = reader.position;
  const assertion = ASSERTIONS.get(reader.peek(1));
  if (assertion !== undefined) {
    reader.next();
    reader.next();
    return asserted(assertion);
  }
  if (reader.take('\\C')) throw reader.faultSince(start, 'a byte of a character cannot be matched. Write (?s:.).');
  const characters = maybeClassEscape(reader);
  return characters === undefined ? literal(reader, readEscape(reader)) : { kind: 'set', characters };
}

/** A group; undefined where only flags change, until the group around ends. */
function readGroup(reader: PatternReader): PatternNode | undefined {
  const start = reader.position;
  const outer = reader.flags;
  if (!reader.startsWith('(?')) reader.next();
  else if (reader.take('(?P<')) assertName(reader, start);
  else if (readFlags(reader, start) === 'alone') return undefined;
  reader.depth++;
  if (reader.depth > DEPTH_MAX) throw reader.faultSince(start, `groups can be nested ${DEPTH_MAX} deep. Write fewer.`);
  const node = readChoice(reader);
  if (!reader.take(')'))
    throw reader.faultSince(start, 'the group has no end. Write ) after it, or \\( for the character.');
  reader.depth--;
  reader.flags = outer;
  return node.kind === 'sequence' && node.parts.length === 0 ? NOTHING : node;
}

const NAME_CATEGORIES = ['Lu', 'Ll', 'Lt', 'Lm', 'Lo', 'Nl', 'Mn', 'Mc', 'Nd', 'Pc'];

function isOfName(character: string): boolean {
  const codePoint = character.codePointAt(0) ?? 0;
  return NAME_CATEGORIES.some((category) => has(maybeGroup(category) ?? [], codePoint));
}

function assertName(reader: PatternReader, start: number): void {
  const name = reader.takeUntil('>');
  if (name !== undefined && name !== '' && [...name].every(isOfName)) return;
  throw reader.faultSince(start, 'the name of a group has letters, digits and _ alone. Write (?P<name>…).');
}

/** `(?i)` changes the flags of what follows in the group around; `(?i:` opens a group with them. */
function readFlags(reader: PatternReader, start: number): 'alone' | 'group' {
  const unknown = UNKNOWN_GROUPS.find(([opening]) => reader.take(opening));
  if (unknown !== undefined) throw reader.faultSince(start, unknown[1]);
  reader.take('(?');
  const changed: { -readonly [Flag in keyof Flags]: boolean } = { ...reader.flags };
  let isOn = true;
  let isNeeded = false;
  for (;;) {
    const letter = reader.next();
    if ((letter === ':' || letter === ')') && !isNeeded) {
      reader.flags = changed;
      return letter === ':' ? 'group' : 'alone';
    }
    if (letter === 'i') changed.isCaseless = isOn;
    else if (letter === 'm') changed.isMultiline = isOn;
    else if (letter === 's') changed.isDotAll = isOn;
    else if (letter !== 'U' && !(letter === '-' && isOn)) {
      throw reader.faultSince(
        start,
        'no such group or flag is known. Write (?: for a group, or flags of i, m, s and U.',
      );
    }
    isNeeded = letter === '-';
    if (letter === '-') isOn = false;
  }
}
