import { type Alphabet, alphabetOf } from './alphabet.ts';
import { ANYTHING, type CharacterSet, CODE_POINT_MAX } from './character-set.ts';
import { PatternFault } from './pattern-fault.ts';
import { WORD_CHARACTERS } from './read-escape.ts';
import type { Assertion, PatternNode } from './syntax.ts';

/** The whole text matches, or a part of it. */
export type Where = 'whole' | 'part';

export type Instruction =
  | { readonly kind: 'read'; readonly set: number; readonly next: number }
  | { readonly kind: 'assert'; readonly assertion: Assertion; readonly next: number }
  | { readonly kind: 'fork'; readonly first: number; readonly second: number }
  /** Whatever follows, the text matches. */
  | { readonly kind: 'accept-rest' }
  | { readonly kind: 'accept' };

/** A pattern as instructions (Thompson 1968): a text matches when some way through them reads all of it. */
export interface Program {
  readonly instructions: readonly Instruction[];
  readonly start: number;
  readonly alphabet: Alphabet;
  /** Whether a step depends on the characters around a place. */
  readonly hasAssertions: boolean;
  /** The symbol of a line end; -1 where no symbol has to be known as one. */
  readonly lineEnd: number;
  /** By symbol: 1 for letters, digits and _ of ASCII; empty where it does not matter. */
  readonly isWord: Uint8Array;
}

/** Beyond it, what a pattern asks is too long to be written out. Below the bound of DuckDB's RE2 for the same pattern. */
const INSTRUCTIONS_MAX = 20_000;
const LINE_END: CharacterSet = [10, 10];

/** Writes a pattern as instructions. */
export function toProgram(node: PatternNode, where: Where): Program {
  const writer = new ProgramWriter();
  const accept = writer.write({ kind: where === 'whole' ? 'accept' : 'accept-rest' });
  const found = writer.node(
    where === 'part' && isFoundInside(node) ? { kind: 'choice', options: [node, LONG] } : node,
    accept,
  );
  const start = where === 'whole' ? found : writer.loop({ kind: 'set', characters: ANYTHING }, found);
  const { instructions } = writer;
  const asserted = new Set(instructions.flatMap((each) => (each.kind === 'assert' ? [each.assertion] : [])));
  const needsLines = asserted.has('line-start') || asserted.has('line-end');
  const needsWords = asserted.has('word-boundary') || asserted.has('no-word-boundary');
  const sets = [...writer.sets, ...(needsLines ? [LINE_END] : []), ...(needsWords ? [WORD_CHARACTERS] : [])];
  const alphabet = alphabetOf(sets);
  return {
    ...{ instructions, start, alphabet, hasAssertions: asserted.size > 0 },
    lineEnd: needsLines ? (alphabet.ascii[10] ?? -1) : -1,
    isWord: needsWords ? (alphabet.members.at(-1) ?? new Uint8Array()) : new Uint8Array(),
  };
}

/** Characters of more than one byte. */
const LONG: PatternNode = { kind: 'set', characters: [0x80, CODE_POINT_MAX] };

/**
 * Whether nothing at all matches between the bytes of a character, where no assertion but `\B` holds. RE2 looks there
 * too when it searches a text, and rows must be read as files are.
 */
function isFoundInside(node: PatternNode): boolean {
  switch (node.kind) {
    case 'set':
      return false;
    case 'assertion':
      return node.assertion === 'no-word-boundary';
    case 'sequence':
      return node.parts.every(isFoundInside);
    case 'choice':
      return node.options.some(isFoundInside);
    case 'repeat':
      return node.least === 0 || isFoundInside(node.part);
    default:
      return node satisfies never;
  }
}

/** Writes from the end to the start, so that each instruction knows the one after it. */
class ProgramWriter {
  readonly instructions: Instruction[] = [];
  readonly sets: CharacterSet[] = [];
  readonly #known = new Map<string, number>();

  write(instruction: Instruction): number {
    if (this.instructions.length >= INSTRUCTIONS_MAX) {
      throw new PatternFault(
        `it is too large: its repetitions come to more than ${INSTRUCTIONS_MAX} steps. Repeat less, or use lengthMin and lengthMax.`,
      );
    }
    this.instructions.push(instruction);
    return this.instructions.length - 1;
  }

  /** The first instruction of a node after which `next` is done. */
  node(node: PatternNode, next: number): number {
    switch (node.kind) {
      case 'set':
        return this.write({ kind: 'read', set: this.#setOf(node.characters), next });
      case 'assertion':
        return this.write({ kind: 'assert', assertion: node.assertion, next });
      case 'sequence':
        return node.parts.reduceRight((after, part) => this.node(part, after), next);
      case 'choice':
        return node.options
          .map((option) => this.node(option, next))
          .reduceRight((second, first) => this.write({ kind: 'fork', first, second }));
      case 'repeat':
        return this.#repeated(node, next);
      default:
        return node satisfies never;
    }
  }

  /** Any number of times. */
  loop(part: PatternNode, next: number): number {
    const fork = this.write({ kind: 'accept' });
    this.instructions[fork] = { kind: 'fork', first: this.node(part, fork), second: next };
    return fork;
  }

  #repeated({ part, least, most }: Extract<PatternNode, { kind: 'repeat' }>, next: number): number {
    let start = Number.isFinite(most) ? next : this.loop(part, next);
    const optional = Number.isFinite(most) ? most - least : 0;
    for (let time = 0; time < optional; time++) {
      start = this.write({ kind: 'fork', first: this.node(part, start), second: next });
    }
    for (let time = 0; time < least; time++) start = this.node(part, start);
    return start;
  }

  #setOf(characters: CharacterSet): number {
    const text = characters.join();
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    this.#known.set(text, this.sets.length);
    this.sets.push(characters);
    return this.sets.length - 1;
  }
}
