import type { Alphabet } from './alphabet.ts';
import { DEAD } from './automaton.ts';
import { compilePattern } from './compile-pattern.ts';
import { minimised } from './minimised.ts';
import type { Where } from './program.ts';
import { type Block, blocksOf, INVALID } from './utf8-blocks.ts';

/** An automaton over the bytes of UTF-8 that accepts whole texts, as plain data: the kernel walks it. */
export interface ByteDfa {
  /** By byte (256): its class, below `width`. */
  readonly classes: Uint8Array;
  /** How many classes there are: the length of a row of `transitions`. */
  readonly width: number;
  /** The next state: `transitions[state * width + classes[byte]]`. State 0 is dead: nothing leads away from it. */
  readonly transitions: Uint16Array;
  /** By state: 1 where the text may end. */
  readonly accepting: Uint8Array;
  /** The state before the first byte. */
  readonly start: number;
}

const BYTES = 256;
const ENTRIES_MAX = 1 << 18;
const STATES_MAX = 8_192;

/** The automaton of a pattern over bytes; undefined where it would be too large. Bytes that are no UTF-8 are refused. */
export function byteDfa(pattern: string, where: Where = 'whole'): ByteDfa | undefined {
  const { automaton, program } = compilePattern(pattern, where);
  if (automaton === undefined) return undefined;
  const { size } = program.alphabet;
  const { transitions, accepting, start } = minimised(automaton, size);
  const rows = rowsOf({ transitions, states: accepting.length, alphabet: program.alphabet });
  if (rows === undefined) return undefined;
  const { classes, width } = classesOf(rows);
  if (rows.length * width > ENTRIES_MAX) return undefined;
  const table = new Uint16Array(rows.length * width);
  for (const [state, row] of rows.entries()) {
    for (let byte = 0; byte < BYTES; byte++) table[state * width + (classes[byte] ?? 0)] = row[byte] ?? DEAD;
  }
  const ends = new Uint8Array(rows.length);
  ends.set(accepting);
  return { classes, width, transitions: table, accepting: ends, start };
}

interface SymbolTable {
  readonly transitions: Uint16Array;
  readonly states: number;
  readonly alphabet: Alphabet;
}

/** For each state where a byte leads: states between characters come first, then those within one. */
function rowsOf({ transitions, states, alphabet }: SymbolTable): readonly Uint16Array[] | undefined {
  const rows = Array.from({ length: states }, () => new Uint16Array(BYTES));
  const lead = blocksOf(alphabet);
  const inner = new Map<string, number>();
  const reached = new Map<number, number>();

  /** The state before the bytes that a block is of, on the way from `state`. */
  const within = (state: number, block: Block): number => {
    if (block === INVALID) return DEAD;
    if (block.children === undefined) return transitions[state * alphabet.size + block.symbol] ?? DEAD;
    const place = block.number * states + state;
    if (block.symbols.every((symbol) => transitions[state * alphabet.size + symbol] === DEAD)) return DEAD;
    const known = reached.get(place);
    if (known !== undefined) return known;
    const targets = block.children.map((child) => within(state, child));
    const found = stateOf(targets);
    reached.set(place, found);
    return found;
  };
  const stateOf = (targets: readonly number[]): number => {
    const text = targets.join();
    const known = inner.get(text);
    if (known !== undefined) return known;
    const row = new Uint16Array(BYTES);
    row.set(targets, 0x80);
    inner.set(text, rows.length);
    rows.push(row);
    return rows.length - 1;
  };

  for (let state = 0; state < states; state++) {
    for (const [byte, block] of lead) {
      const target = within(state, block);
      const row = rows[state];
      if (row !== undefined) row[byte] = target;
    }
    if (rows.length > STATES_MAX) return undefined;
  }
  return rows;
}

/** Bytes that no state tells apart are of one class. */
function classesOf(rows: readonly Uint16Array[]): { readonly classes: Uint8Array; readonly width: number } {
  let classes = new Uint8Array(BYTES);
  let width = 1;
  for (const row of rows) {
    const numbers = new Map<number, number>();
    const split = new Uint8Array(BYTES);
    for (let byte = 0; byte < BYTES; byte++) {
      const key = (classes[byte] ?? 0) * 0x10000 + (row[byte] ?? 0);
      const known = numbers.get(key) ?? numbers.size;
      numbers.set(key, known);
      split[byte] = known;
    }
    classes = split;
    width = numbers.size;
  }
  return { classes, width };
}
