import { compilePattern } from '../../../src/contracts/patterns/compile-pattern.ts';
import type { Program } from '../../../src/contracts/patterns/program.ts';
import { maybeName, type SourceFile, type SyntaxNode } from './source-file.ts';

/*
 * JavaScript tries one way through a regular expression after another. The ways a text can take are counted here: where
 * some text has two ways around one circle, the time is exponential in its length (Weber & Seidl 1991: EDA); where it can
 * leave a circle for another one at any of its characters, squared or worse (IDA).
 */
export type Growth = 'linear' | 'squared' | 'exponential';

/** How the time of a failing match grows with the text. */
export function growthOf(source: string, flags = ''): Growth {
  const isTriedOnce = source.startsWith('^') || flags.includes('y');
  const known = [...flags].filter((flag) => 'ims'.includes(flag)).join('');
  const expression = `${known === '' ? '' : `(?${known})`}${toRe2(source)}`;
  // JavaScript tries again from each character.
  const ways = waysOf(isTriedOnce ? expression : `(?s:.*?)(?:${expression})`);
  if (ways.circles.some((circle) => isExponential(ways, circle))) return 'exponential';
  return isSquared(ways) ? 'squared' : 'linear';
}

/** Finds regular expressions whose time grows faster than the text, but for those of a list with reasons. */
export function findBacktracking(
  files: readonly SourceFile[],
  allowed: Readonly<Record<string, string>>,
): readonly string[] {
  const found = files.flatMap(({ path, nodes }) =>
    nodes.flatMap((node) => {
      const expression = maybeExpression(node);
      if (expression === undefined) return [];
      const growth = growthOf(expression.pattern, expression.flags);
      return growth === 'linear' ? [] : [{ place: `${path} /${expression.pattern}/`, growth }];
    }),
  );
  const places = new Set(found.map(({ place }) => place));
  return [
    ...found
      .filter(({ place }) => !Object.hasOwn(allowed, place))
      .map(({ place, growth }) => `${place} takes ${growth} time: give each text one way through it`),
    ...Object.keys(allowed)
      .filter((place) => !places.has(place))
      .map((place) => `${place} is allowed more than linear time, and does not take it`),
  ];
}

/** Finds files that build a regular expression, which is in no list of literals, without a reason. */
export function findBuiltExpressions(
  files: readonly SourceFile[],
  allowed: Readonly<Record<string, string>>,
): readonly string[] {
  const found = new Set(files.filter(({ nodes }) => nodes.some(isBuilt)).map(({ path }) => path));
  return [
    ...[...found]
      .filter((path) => !Object.hasOwn(allowed, path))
      .map((path) => `${path} builds a regular expression; match a pattern of others by compilePattern()`),
    ...Object.keys(allowed)
      .filter((path) => !found.has(path))
      .map((path) => `${path} may build regular expressions, and builds none`),
  ];
}

const isBuilt = ({ type, callee }: SyntaxNode): boolean =>
  (type === 'NewExpression' || type === 'CallExpression') && maybeName(callee) === 'RegExp';

function maybeExpression({ regex }: SyntaxNode): { readonly pattern: string; readonly flags: string } | undefined {
  if (typeof regex !== 'object' || regex === null) return undefined;
  const { pattern, flags } = regex as { readonly pattern?: unknown; readonly flags?: unknown };
  return typeof pattern === 'string' && typeof flags === 'string' ? { pattern, flags } : undefined;
}

/** What JavaScript has and RE2 has not, as something that takes at least as many ways. */
function toRe2(source: string): string {
  return source
    .replaceAll(/\{(\d+)(,\d*)?\}/g, (_, least: string, most = '') => `{${fewer(least)}${fewer(most)}}`)
    .replaceAll('[^]', '(?s:.)')
    .replaceAll('[]', '[^\\x00-\\x{10FFFF}]')
    .replaceAll(/\(\?<?[=!]/g, '(?:')
    .replaceAll(/\(\?<\w+>/g, '(?:')
    .replaceAll(/\\u\{?([0-9a-fA-F]{2,6})\}?/g, '\\x{$1}')
    .replaceAll(/\\(?:[1-9]|k<\w+>)/g, '(?s:.?)')
    .replaceAll(/\\p\{([A-Za-z_]+=)?(\w+)\}/g, (_, _name, value: string) => `\\p{${SHORT.get(value) ?? value}}`);
}

const SHORT: ReadonlyMap<string, string> = new Map([
  ['Letter', 'L'],
  ['Extended_Pictographic', 'So'],
  ['Surrogate', 'Cs'],
]);
/** A part that is written out more often shows nothing new. */
const fewer = (digits: string): string => digits.replace(/\d+/, (number) => String(Math.min(3, Number(number))));

/** The places of a program that read a character, as a graph. */
interface Ways {
  /** By place: those that may read the next character. */
  readonly next: readonly (readonly number[])[];
  /** By place: those that can be reached in two ways. */
  readonly twice: readonly ReadonlySet<number>[];
  /** By place: the symbols that it reads. */
  readonly symbols: readonly bigint[];
  /** Places that lead back to themselves, by the circle they are in. */
  readonly circles: readonly ReadonlySet<number>[];
  /** Places after which the text has matched already, so that nothing is tried again. */
  readonly isMatch: readonly boolean[];
}

function waysOf(pattern: string): Ways {
  const { program } = compilePattern(pattern);
  const places = program.instructions.flatMap(({ kind }, place) => (kind === 'read' ? [place] : []));
  const numbers = new Map(places.map((place, number) => [place, number]));
  const reached = places.map((place) => {
    const instruction = program.instructions[place];
    return reachedFrom(program, instruction?.kind === 'read' ? instruction.next : 0);
  });
  const next = reached.map(({ ways }) => [...ways.keys()].map((place) => numbers.get(place) ?? 0));
  const twice = reached.map(
    ({ ways }) => new Set([...ways].filter(([, count]) => count > 1).map(([place]) => numbers.get(place) ?? 0)),
  );
  const symbols = places.map((place) => symbolsOf(program, place));
  const everything = (1n << BigInt(program.alphabet.size)) - 1n;
  const isMatch = reached.map(({ isEnd, isTextEnd }, place) => {
    // What reads anything reaches the end of the text.
    return isEnd || (isTextEnd && symbols[place] === everything && next[place]?.includes(place) === true);
  });
  return { next, twice, symbols, circles: circlesOf(next), isMatch };
}

function symbolsOf({ instructions, alphabet }: Program, place: number): bigint {
  const instruction = instructions[place];
  const members = instruction?.kind === 'read' ? alphabet.members[instruction.set] : undefined;
  return (members ?? new Uint8Array()).reduce(
    (bits, isIn, symbol) => (isIn ? bits | (1n << BigInt(symbol)) : bits),
    0n,
  );
}

/** Places that read next, and in how many ways they are reached; a branch is taken once on each way. */
function reachedFrom({ instructions }: Program, start: number) {
  const ways = new Map<number, number>();
  let isEnd = false;
  let isTextEnd = false;
  const taken = new Set<string>();
  /** What is asserted on the way may not hold. */
  const walk = (place: number, asserted: 'nothing' | 'text-end' | 'more'): void => {
    const instruction = instructions[place];
    if (instruction?.kind === 'read') ways.set(place, (ways.get(place) ?? 0) + 1);
    else if (instruction?.kind === 'accept') {
      isEnd ||= asserted === 'nothing';
      isTextEnd ||= asserted === 'text-end';
    } else if (instruction?.kind === 'assert') {
      walk(instruction.next, asserted === 'nothing' && instruction.assertion === 'text-end' ? 'text-end' : 'more');
    } else if (instruction?.kind === 'fork') {
      for (const branch of [instruction.first, instruction.second]) {
        const name = `${place} ${branch}`;
        if (taken.has(name)) continue;
        taken.add(name);
        walk(branch, asserted);
        taken.delete(name);
      }
    }
  };
  walk(start, 'nothing');
  return { ways, isEnd, isTextEnd };
}

function circlesOf(next: readonly (readonly number[])[]): readonly ReadonlySet<number>[] {
  const after = next.map((_, place) => placesAfter(next, place));
  const circles = new Map<string, ReadonlySet<number>>();
  for (const [place, reached] of after.entries()) {
    if (!reached.has(place)) continue;
    const circle = new Set([...reached].filter((other) => after[other]?.has(place)));
    circles.set([...circle].sort((a, b) => a - b).join(), circle);
  }
  return [...circles.values()];
}

function placesAfter(next: readonly (readonly number[])[], start: number): ReadonlySet<number> {
  const reached = new Set<number>();
  const waiting = [...(next[start] ?? [])];
  for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
    if (reached.has(place)) continue;
    reached.add(place);
    waiting.push(...(next[place] ?? []));
  }
  return reached;
}

/** Whether some text leads around a circle in two ways. */
function isExponential(ways: Ways, circle: ReadonlySet<number>): boolean {
  for (const place of circle) {
    if ([...(ways.twice[place] ?? [])].some((other) => circle.has(other))) return true;
    const parted = tuplesAfter(ways, [place, place]).filter(
      ([a, b]) => a !== b && circle.has(a ?? 0) && circle.has(b ?? 0),
    );
    if (parted.some((pair) => tuplesAfter(ways, pair).some(([a, b]) => a === place && b === place))) return true;
  }
  return false;
}

/** Whether some text leads around one circle, around another, and from the first into the second. */
function isSquared(ways: Ways): boolean {
  const within = [...new Set(ways.circles.flatMap((circle) => [...circle]))];
  // Where a text has matched already, the first way is taken and no other is tried.
  const hasNotMatched = ([, ...others]: readonly number[]): boolean => others.every((place) => !ways.isMatch[place]);
  return within.some((p) =>
    within.some((q) => {
      if (p === q || ways.isMatch[q] === true) return false;
      return tuplesAfter(ways, [p, p, q], hasNotMatched).some(([a, b, c]) => a === p && b === q && c === q);
    }),
  );
}

/** All places that some text leads to from these at once. */
function tuplesAfter(
  { next, symbols }: Ways,
  start: readonly number[],
  isAsked: (places: readonly number[]) => boolean = () => true,
): readonly (readonly number[])[] {
  const reached = new Map<string, readonly number[]>();
  const waiting: (readonly number[])[] = [start];
  for (let tuple = waiting.pop(); tuple !== undefined; tuple = waiting.pop()) {
    let together: { readonly places: readonly number[]; readonly symbols: bigint }[] = [{ places: [], symbols: -1n }];
    for (const place of tuple) {
      together = together.flatMap(({ places, symbols: shared }) =>
        (next[place] ?? [])
          .map((after) => ({ places: [...places, after], symbols: shared & (symbols[after] ?? 0n) }))
          .filter((each) => each.symbols !== 0n),
      );
    }
    for (const { places } of together) {
      if (reached.has(places.join()) || !isAsked(places)) continue;
      reached.set(places.join(), places);
      waiting.push(places);
    }
  }
  return [...reached.values()];
}
