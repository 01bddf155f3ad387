import { type Automaton, DEAD } from './automaton.ts';

/** Of table entries looked at. Beyond it the automaton stays as it is, which is larger and no less right. */
const WORK_MAX = 1_000_000;

/** The automaton with as few states as can be (Moore 1956): those that no text tells apart become one. */
export function minimised(automaton: Automaton, size: number): Automaton {
  const { transitions, accepting } = automaton;
  const states = accepting.length;
  let groups: Uint16Array<ArrayBufferLike> = Uint16Array.from(accepting);
  let count = new Set(groups).size;
  for (let work = 0; ; work += states * size) {
    if (work > WORK_MAX) return automaton;
    const numbers = new Map<string, number>();
    const split = new Uint16Array(states);
    for (let state = 0; state < states; state++) {
      const row = transitions.subarray(state * size, (state + 1) * size);
      const text = `${groups[state]} ${Array.from(row, (target) => groups[target]).join()}`;
      const known = numbers.get(text) ?? numbers.size;
      numbers.set(text, known);
      split[state] = known;
    }
    groups = split;
    if (numbers.size === count) break;
    count = numbers.size;
  }
  // The dead state comes first, so that its group has number 0.
  const smaller = { transitions: new Uint16Array(count * size), accepting: new Uint8Array(count) };
  for (let state = 0; state < states; state++) {
    const group = groups[state] ?? DEAD;
    smaller.accepting[group] = accepting[state] ?? 0;
    for (let symbol = 0; symbol < size; symbol++) {
      smaller.transitions[group * size + symbol] = groups[transitions[state * size + symbol] ?? DEAD] ?? DEAD;
    }
  }
  return { ...smaller, start: groups[automaton.start] ?? DEAD };
}
