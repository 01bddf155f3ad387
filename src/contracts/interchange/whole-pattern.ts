import { maybePattern } from '../patterns/compile-pattern.ts';
import { parsePattern } from '../patterns/parse-pattern.ts';
import type { PatternNode } from '../patterns/syntax.ts';

/** Any text at all. */
const ANYTHING = '(?:.|\\n)*';

/**
 * A pattern of the standard as ours, which match the whole text. The standard's are searched for: one that is anchored on
 * one side is open on the other. One without an anchor is taken for the whole text, since "a pattern to define valid
 * values" is hardly meant to allow anything around them. Undefined where RE2 does not read it.
 */
export function maybeWholePattern(pattern: string): string | undefined {
  if (maybePattern(pattern) === undefined) return undefined;
  const whole = toWhole(pattern);
  return maybePattern(whole) === undefined ? undefined : whole;
}

/** Our pattern as one that is searched for; `maybeWholePattern` gives it back. */
export function toSearchedPattern(pattern: string): string {
  return `^(?:${pattern})$`;
}

function toWhole(pattern: string): string {
  const [, inner] = /^\^\(\?:([\s\S]*)\)\$$/.exec(pattern) ?? [];
  if (inner !== undefined && maybePattern(inner) !== undefined) return inner;
  const node = parsePattern(pattern);
  const isStart = pattern.startsWith('^');
  const isEnd = pattern.endsWith('$') && isTextEnd(node.kind === 'sequence' ? node.parts.at(-1) : node);
  if (!isStart && !isEnd) return pattern;
  // Each anchor belongs to one alternative.
  if (node.kind === 'choice') return `${ANYTHING}(?:${pattern})${ANYTHING}`;
  const middle = pattern.slice(isStart ? 1 : 0, isEnd ? -1 : undefined);
  return `${isStart ? '' : ANYTHING}${middle}${isEnd ? '' : ANYTHING}`;
}

const isTextEnd = (node: PatternNode | undefined): boolean =>
  node?.kind === 'assertion' && node.assertion === 'text-end';
