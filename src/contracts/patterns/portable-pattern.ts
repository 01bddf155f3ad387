import { type CharacterSet, complement, union } from './character-set.ts';
import { parsePattern } from './parse-pattern.ts';
import { PatternFault } from './pattern-fault.ts';
import type { Where } from './program.ts';
import type { Assertion, PatternNode } from './syntax.ts';

/*
 * A pattern of RE2 for engines whose patterns mean something else, such as those of Java: `\s`, `\w`, `.`, `$`, case and the
 * classes of Unicode differ, by engine and by its version. So the pattern is written out from how it is read here, in the
 * little that all engines share: code points and their ranges, groups, repetitions, `\A` and `\z`.
 */

/** Assertions of lines and words differ between engines, and none of what they share says the same. */
const ASSERTIONS: Readonly<Record<Assertion, string | undefined>> = {
  'text-start': String.raw`\A`,
  'text-end': String.raw`\z`,
  'line-start': undefined,
  'line-end': undefined,
  'word-boundary': undefined,
  'no-word-boundary': undefined,
};

/** Ranges in one class, beyond which they are in classes within it: engines go through a class by recursion. */
const RANGES_MAX = 24;

/**
 * The pattern for engines that search for a part of the text.
 *
 * @throws PatternFault for one that they cannot be asked.
 */
export function portablePattern(pattern: string, where: Where): string {
  const written = writeOut(parsePattern(pattern));
  return where === 'whole' ? String.raw`\A(?:${written})\z` : written;
}

function writeOut(node: PatternNode): string {
  switch (node.kind) {
    case 'set':
      return classOf(node.characters);
    case 'assertion': {
      const text = ASSERTIONS[node.assertion];
      if (text !== undefined) return text;
      throw new PatternFault(`${node.assertion} means something else there.`);
    }
    case 'sequence':
      return node.parts.map(writeOut).join('');
    case 'choice':
      return `(?:${node.options.map(writeOut).join('|')})`;
    case 'repeat': {
      const { part, least, most } = node;
      const times = Number.isFinite(most) ? `{${least},${most}}` : `{${least},}`;
      return part.kind === 'set' ? `${classOf(part.characters)}${times}` : `(?:${writeOut(part)})${times}`;
    }
    default:
      return node satisfies never;
  }
}

/** Halves of pairs, which no text in UTF-8 has, and which some engines refuse. */
const HALVES: CharacterSet = [0xd800, 0xdfff];

function classOf(characters: CharacterSet): string {
  const set = complement(union(complement(characters), HALVES));
  const [first = 0, last = first] = set;
  if (set.length === 2 && first === last) return character(first);
  // Nothing is both.
  if (set.length === 0) return '[a&&b]';
  const ranges: string[] = [];
  for (let at = 0; at < set.length; at += 2) {
    const [from = 0, to = from] = [set[at], set[at + 1]];
    ranges.push(from === to ? character(from) : `${character(from)}-${character(to)}`);
  }
  return `[${nested(ranges)}]`;
}

function nested(ranges: readonly string[]): string {
  if (ranges.length <= RANGES_MAX) return ranges.join('');
  const middle = Math.ceil(ranges.length / 2);
  return `[${nested(ranges.slice(0, middle))}][${nested(ranges.slice(middle))}]`;
}

function character(codePoint: number): string {
  const text = String.fromCodePoint(codePoint);
  return /^[0-9A-Za-z]$/.test(text) ? text : `\\x{${codePoint.toString(16)}}`;
}
