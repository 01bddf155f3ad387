import type { Program } from './program.ts';
import type { Assertion } from './syntax.ts';

/** What stands before a place, or after it, as far as assertions ask. */
export const EDGE = 0;
export const LINE_END = 1;
export const WORD = 2;
export const OTHER = 3;
export type Side = typeof EDGE | typeof LINE_END | typeof WORD | typeof OTHER;

/** The places of a program where one may be after some text. */
export interface Places {
  /** Numbers of instructions that read, accept or wait for what comes next; in order. */
  readonly list: readonly number[];
  /** What was read last; `OTHER` where no place in the list asks. */
  readonly before: Side;
  /** Some place accepts whatever follows. */
  readonly isSettled: boolean;
}

/** All ways through a program at once, one symbol at a time: as many steps as it has instructions, at most. */
export class Stepper {
  readonly #program: Program;
  /** The round in which an instruction was last visited. */
  readonly #visited: Uint32Array;
  #round = 0;
  /** Instructions visited, as a measure of the work done. */
  steps = 0;

  constructor(program: Program) {
    this.#program = program;
    this.#visited = new Uint32Array(program.instructions.length);
  }

  start(): Places {
    return this.#reach([this.#program.start], EDGE);
  }

  /** Where one may be after one more symbol. */
  after(places: Places, symbol: number): Places {
    const { instructions, alphabet } = this.#program;
    const side = this.#sideOf(symbol);
    const next: number[] = [];
    for (const place of this.#passed(places, side)) {
      const instruction = instructions[place];
      if (instruction?.kind === 'accept-rest') return settledAt(place);
      if (instruction?.kind !== 'read') continue;
      if (alphabet.members[instruction.set]?.[symbol] === 1) next.push(instruction.next);
    }
    return this.#reach(next, side);
  }

  /** Whether the text may end here. */
  isEnd(places: Places): boolean {
    if (places.isSettled) return true;
    return this.#passed(places, EDGE).some((place) => {
      const kind = this.#program.instructions[place]?.kind;
      return kind === 'accept' || kind === 'accept-rest';
    });
  }

  #sideOf(symbol: number): Side {
    if (symbol === this.#program.lineEnd) return LINE_END;
    return this.#program.isWord[symbol] === 1 ? WORD : OTHER;
  }

  /** What can be reached from instructions without knowing what comes next. */
  #reach(from: readonly number[], before: Side): Places {
    this.#round++;
    const list: number[] = [];
    const waiting = [...from];
    let asks = false;
    while (waiting.length > 0) {
      const place = waiting.pop() ?? 0;
      if (this.#visited[place] === this.#round) continue;
      this.#visited[place] = this.#round;
      this.steps++;
      const instruction = this.#program.instructions[place];
      if (instruction?.kind === 'accept-rest') return settledAt(place);
      if (instruction?.kind === 'fork') waiting.push(instruction.second, instruction.first);
      else list.push(place);
      if (instruction?.kind === 'assert') asks = true;
    }
    list.sort((a, b) => a - b);
    return { list, before: asks ? before : OTHER, isSettled: false };
  }

  /** The places that are reached once it is known what comes next. */
  #passed({ list, before }: Places, after: Side): readonly number[] {
    if (!this.#program.hasAssertions) return list;
    this.#round++;
    const passed: number[] = [];
    const waiting = [...list];
    while (waiting.length > 0) {
      const place = waiting.pop() ?? 0;
      if (this.#visited[place] === this.#round) continue;
      this.#visited[place] = this.#round;
      this.steps++;
      const instruction = this.#program.instructions[place];
      if (instruction?.kind === 'fork') waiting.push(instruction.second, instruction.first);
      else if (instruction?.kind !== 'assert') passed.push(place);
      else if (holds(instruction.assertion, before, after)) waiting.push(instruction.next);
    }
    return passed;
  }
}

const settledAt = (place: number): Places => ({ list: [place], before: OTHER, isSettled: true });

function holds(assertion: Assertion, before: Side, after: Side): boolean {
  switch (assertion) {
    case 'text-start':
      return before === EDGE;
    case 'text-end':
      return after === EDGE;
    case 'line-start':
      return before === EDGE || before === LINE_END;
    case 'line-end':
      return after === EDGE || after === LINE_END;
    case 'word-boundary':
      return (before === WORD) !== (after === WORD);
    case 'no-word-boundary':
      return (before === WORD) === (after === WORD);
    default:
      return assertion satisfies never;
  }
}
