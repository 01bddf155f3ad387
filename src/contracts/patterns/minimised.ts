import { type Automaton, DEAD } from './automaton.ts';
import { Partition } from './partition.ts';

/** The automaton with as few states as can be (Hopcroft 1971): those that no text tells apart become one. */
export function minimised(automaton: Automaton, size: number): Automaton {
  const { transitions, accepting } = automaton;
  const blocks = blocksOf(automaton, size);
  // The dead state comes first, so that its block has number 0.
  const numbers = new Map<number, number>();
  for (const block of blocks) if (!numbers.has(block)) numbers.set(block, numbers.size);
  const groups = Uint16Array.from(blocks, (block) => numbers.get(block) ?? DEAD);
  const smaller = { transitions: new Uint16Array(numbers.size * size), accepting: new Uint8Array(numbers.size) };
  for (const [state, group] of groups.entries()) {
    smaller.accepting[group] = accepting[state] ?? 0;
    for (let symbol = 0; symbol < size; symbol++) {
      smaller.transitions[group * size + symbol] = groups[transitions[state * size + symbol] ?? DEAD] ?? DEAD;
    }
  }
  return { ...smaller, start: groups[automaton.start] ?? DEAD };
}

/** By state, the block of states that no text tells from it. */
function blocksOf({ transitions, accepting }: Automaton, size: number): Uint16Array {
  const states = accepting.length;
  const before = sourcesOf(transitions, { size, states });
  const partition = new Partition(states);
  const waiting = new Set([0]);
  for (const [state, isEnd] of accepting.entries()) if (isEnd === 1) partition.mark(state);
  for (const block of partition.splitMarked()) waiting.add(block.added);
  for (const splitter of waiting) {
    waiting.delete(splitter);
    const targets = partition.statesOf(splitter);
    for (let symbol = 0; symbol < size; symbol++) {
      for (const target of targets) {
        const [from, to] = before.rangeOf(symbol, target);
        for (let at = from; at < to; at++) partition.mark(before.sources[at] ?? 0);
      }
      for (const { split, added } of partition.splitMarked()) {
        // The smaller part suffices, unless the whole still waits.
        const isSmaller = partition.sizeOf(added) <= partition.sizeOf(split);
        waiting.add(isSmaller || waiting.has(split) ? added : split);
      }
    }
  }
  return partition.blocks;
}

/** For each symbol and state, the states from which the symbol leads there. */
function sourcesOf(transitions: Uint16Array, { size, states }: { readonly size: number; readonly states: number }) {
  const starts = new Uint32Array(size * states + 1);
  for (let at = 0; at < transitions.length; at++) {
    const place = (at % size) * states + (transitions[at] ?? DEAD) + 1;
    starts[place] = (starts[place] ?? 0) + 1;
  }
  for (let place = 1; place < starts.length; place++) starts[place] = (starts[place] ?? 0) + (starts[place - 1] ?? 0);
  const next = starts.slice();
  const sources = new Uint16Array(transitions.length);
  for (let at = 0; at < transitions.length; at++) {
    const place = (at % size) * states + (transitions[at] ?? DEAD);
    const free = next[place] ?? 0;
    sources[free] = Math.floor(at / size);
    next[place] = free + 1;
  }
  return {
    sources,
    rangeOf: (symbol: number, state: number): readonly [number, number] => {
      const place = symbol * states + state;
      return [starts[place] ?? 0, starts[place + 1] ?? 0];
    },
  };
}
