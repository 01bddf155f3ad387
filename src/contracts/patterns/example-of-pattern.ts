import { symbolAt } from './alphabet.ts';
import { DEAD } from './automaton.ts';
import { maybePattern } from './compile-pattern.ts';

/** Characters of examples, those that are read most easily first. */
const CHARACTERS = ['a', 'A', '1', ...Array.from({ length: 94 }, (_, index) => String.fromCodePoint(33 + index)), ' '];
/** Of an example, in characters. */
const LENGTH_MAX = 200;

interface Step {
  readonly before: Step | undefined;
  readonly character: string;
}

/** A shortest text that matches a pattern and is as long as asked; undefined where there is none of printable ASCII. */
export function maybeExampleOf(
  pattern: string,
  { lengthMin = 0, lengthMax = LENGTH_MAX }: { readonly lengthMin?: number; readonly lengthMax?: number } = {},
): string | undefined {
  const { automaton, program } = maybePattern(pattern) ?? {};
  if (automaton === undefined || program === undefined) return undefined;
  const { alphabet } = program;
  const characterOf = new Map<number, string>();
  for (const character of CHARACTERS) {
    const symbol = symbolAt(alphabet, character.charCodeAt(0));
    if (!characterOf.has(symbol)) characterOf.set(symbol, character);
  }
  // By state that some text of the length leads to, the last character of the first such text.
  let reached = new Map<number, Step | undefined>([[automaton.start, undefined]]);
  for (let length = 0; length <= Math.min(lengthMax, LENGTH_MAX) && reached.size > 0; length++) {
    const end = [...reached].find(([state]) => automaton.accepting[state] === 1);
    if (end !== undefined && length >= lengthMin) return textOf(end[1]);
    const next = new Map<number, Step>();
    for (const [state, before] of reached) {
      for (const [symbol, character] of characterOf) {
        const target = automaton.transitions[state * alphabet.size + symbol] ?? DEAD;
        if (target !== DEAD && !next.has(target)) next.set(target, { before, character });
      }
    }
    reached = next;
  }
  return undefined;
}

function textOf(last: Step | undefined): string {
  let text = '';
  for (let step = last; step !== undefined; step = step.before) text = step.character + text;
  return text;
}
