import { assertPattern } from '../pattern.ts';

/** Any text at all, as both engines read it. */
const ANYTHING = '(?:.|\\n)*';

/**
 * A pattern of the standard as ours, which match the whole text. The standard's are searched for: one that is anchored on
 * one side is open on the other. One without an anchor is taken for the whole text, since "a pattern to define valid
 * values" is hardly meant to allow anything around them. Undefined where the engines would not read it alike.
 */
export function maybeWholePattern(pattern: string): string | undefined {
  try {
    const whole = toWhole(pattern);
    assertPattern(whole);
    return whole;
  } catch {
    return undefined;
  }
}

/** Our pattern as one that is searched for; `maybeWholePattern` gives it back. */
export function toSearchedPattern(pattern: string): string {
  return `^(?:${pattern})$`;
}

function toWhole(pattern: string): string {
  const [, inner] = /^\^\(\?:([\s\S]*)\)\$$/.exec(pattern) ?? [];
  if (inner !== undefined && isPattern(inner)) return inner;
  const isStart = pattern.startsWith('^');
  const isEnd = /(?:^|[^\\])(?:\\\\)*\$$/.test(pattern);
  if (!isStart && !isEnd) return pattern;
  if (hasAlternatives(pattern)) return `${ANYTHING}(?:${pattern})${ANYTHING}`;
  const middle = pattern.slice(isStart ? 1 : 0, isEnd ? -1 : undefined);
  return `${isStart ? '' : ANYTHING}${middle}${isEnd ? '' : ANYTHING}`;
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(text, 'u') !== undefined;
  } catch {
    return false;
  }
}

/** Whether a bar stands outside of groups and classes, so that each anchor belongs to one alternative. */
function hasAlternatives(pattern: string): boolean {
  const outside = pattern.replaceAll(/\\[\s\S]/g, '').replaceAll(/\[[^\]]*\]/g, '');
  let depth = 0;
  for (const character of outside) {
    if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (character === '|' && depth === 0) return true;
  }
  return false;
}
