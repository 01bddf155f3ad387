import { type Alphabet, symbolAt } from './alphabet.ts';
import { type Automaton, DEAD, maybeAutomaton } from './automaton.ts';
import { parsePattern } from './parse-pattern.ts';
import { PatternFault } from './pattern-fault.ts';
import { type Program, toProgram, type Where } from './program.ts';
import { Stepper } from './stepper.ts';

/** A pattern that is ready to be matched, in time linear in the text. */
export interface CompiledPattern {
  readonly matches: (text: string) => boolean;
  readonly program: Program;
  /** Absent where it would be too large; the ways through the program are then followed at once. */
  readonly automaton?: Automaton;
}

/** Without an automaton, each character of a text costs up to as many steps as there are instructions. */
const FOLLOWED_MAX = 2_000;
/** Compiled patterns that are kept. */
const KEPT_MAX = 500;
const kept = new Map<string, CompiledPattern>();

/**
 * Compiles a pattern in the syntax of RE2. Whatever the text, matching it takes a bounded number of steps for each
 * character; a pattern that cannot be matched so is refused with a PatternFault.
 */
export function compilePattern(pattern: string, where: Where = 'whole'): CompiledPattern {
  const key = `${where} ${pattern}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const compiled = compiledOf(toProgram(parsePattern(pattern), where));
  const [oldest] = kept.keys();
  if (kept.size >= KEPT_MAX && oldest !== undefined) kept.delete(oldest);
  kept.set(key, compiled);
  return compiled;
}

/** The same, undefined for a pattern that is refused. */
export function maybePattern(pattern: string, where?: Where): CompiledPattern | undefined {
  try {
    return compilePattern(pattern, where);
  } catch (error) {
    if (error instanceof PatternFault) return undefined;
    throw error;
  }
}

function compiledOf(program: Program): CompiledPattern {
  const automaton = maybeAutomaton(program);
  if (automaton !== undefined) {
    return { matches: (text) => isAccepted(text, { automaton, alphabet: program.alphabet }), program, automaton };
  }
  if (program.instructions.length > FOLLOWED_MAX) {
    throw new PatternFault(
      `it is too large: a text could take more than ${FOLLOWED_MAX} steps for each of its characters. Repeat less, or use lengthMin and lengthMax.`,
    );
  }
  return { matches: (text) => isFollowed(text, program), program };
}

function isAccepted(
  text: string,
  { automaton, alphabet }: { readonly automaton: Automaton; readonly alphabet: Alphabet },
): boolean {
  const { transitions, accepting } = automaton;
  const { ascii, size } = alphabet;
  let state = automaton.start;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    let symbol = ascii[unit];
    if (symbol === undefined) {
      const codePoint = codePointAt(text, index);
      if (codePoint > 0xffff) index++;
      symbol = symbolAt(alphabet, codePoint);
    }
    state = transitions[state * size + symbol] ?? DEAD;
    if (state === DEAD) return false;
  }
  return accepting[state] === 1;
}

/** Whether a text matches, by following all ways through the program at once. */
export function isFollowed(text: string, program: Program, stepper = new Stepper(program)): boolean {
  let places = stepper.start();
  for (let index = 0; index < text.length && !places.isSettled; index++) {
    const codePoint = codePointAt(text, index);
    if (codePoint > 0xffff) index++;
    places = stepper.after(places, symbolAt(program.alphabet, codePoint));
    if (places.list.length === 0) return false;
  }
  return stepper.isEnd(places);
}

/** Half of a pair is read as it would be written in UTF-8. */
function codePointAt(text: string, index: number): number {
  const codePoint = text.codePointAt(index) ?? 0;
  return codePoint >= 0xd800 && codePoint <= 0xdfff ? 0xfffd : codePoint;
}
