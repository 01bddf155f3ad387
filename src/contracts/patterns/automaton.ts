import type { Program } from './program.ts';
import { type Places, Stepper } from './stepper.ts';

/** A deterministic automaton over the symbols of an alphabet: one look-up for each character of a text. */
export interface Automaton {
  /** `transitions[state * size + symbol]`, with the alphabet's size. */
  readonly transitions: Uint16Array;
  /** By state: 1 where the text may end. */
  readonly accepting: Uint8Array;
  readonly start: number;
}

/** From it nothing leads to a match. */
export const DEAD = 0;

const STATES_MAX = 4_000;
const ENTRIES_MAX = 1 << 20;
/** Of instructions visited while it is built: about a fifth of a second. */
const STEPS_MAX = 10_000_000;

/** The automaton of a program (subset construction); undefined where it would be too large. */
export function maybeAutomaton(program: Program): Automaton | undefined {
  const { size } = program.alphabet;
  const stepper = new Stepper(program);
  const numbers = new Map<string, number>();
  const states: Places[] = [];
  const numberOf = (places: Places): number => {
    const text = `${places.before} ${places.list.join()}`;
    const known = numbers.get(text);
    if (known !== undefined) return known;
    numbers.set(text, states.length);
    states.push(places);
    return states.length - 1;
  };
  numberOf({ list: [], before: 3, isSettled: false });
  const start = numberOf(stepper.start());
  const transitions: number[] = [];
  for (let state = 0; state < states.length; state++) {
    const places = states[state];
    if (places === undefined) break;
    const isTooLarge = states.length > STATES_MAX || states.length * size > ENTRIES_MAX || stepper.steps > STEPS_MAX;
    if (isTooLarge) return undefined;
    for (let symbol = 0; symbol < size; symbol++) {
      transitions.push(places.isSettled ? state : numberOf(stepper.after(places, symbol)));
    }
  }
  const accepting = Uint8Array.from(states, (places) => (stepper.isEnd(places) ? 1 : 0));
  return { transitions: Uint16Array.from(transitions), accepting, start };
}
