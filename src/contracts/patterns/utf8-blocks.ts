import type { Alphabet } from './alphabet.ts';

/** What one byte and those after it stand for: a symbol, or a block for each of the 64 bytes that may continue it. */
export interface Block {
  readonly number: number;
  readonly symbol: number;
  /** All symbols within, each once. */
  readonly symbols: readonly number[];
  /** Absent at the end of a character. */
  readonly children?: readonly Block[];
}

/** Bytes that no character has. */
export const INVALID: Block = { number: -1, symbol: -1, symbols: [] };

const CONTINUATIONS = 64;
const SURROGATES = [0xd800, 0xdfff] as const;
const CODE_POINT_MAX = 0x10ffff;

/** The block of each byte that may begin a character. Blocks with the same contents are the same one. */
export function blocksOf(alphabet: Alphabet): ReadonlyMap<number, Block> {
  const maker = new BlockMaker(alphabet);
  const lead = new Map<number, Block>();
  for (let byte = 0; byte < 0x80; byte++) lead.set(byte, maker.block(byte, { span: 1, least: 0 }));
  for (let byte = 0xc2; byte < 0xe0; byte++)
    lead.set(byte, maker.block((byte & 0x1f) << 6, { span: 1 << 6, least: 0x80 }));
  for (let byte = 0xe0; byte < 0xf0; byte++)
    lead.set(byte, maker.block((byte & 0x0f) << 12, { span: 1 << 12, least: 0x800 }));
  for (let byte = 0xf0; byte < 0xf5; byte++)
    lead.set(byte, maker.block((byte & 0x07) << 18, { span: 1 << 18, least: 0x10000 }));
  return lead;
}

/** Makes each block once. */
class BlockMaker {
  readonly #alphabet: Alphabet;
  readonly #known = new Map<string, Block>();
  /** The range of the alphabet in which the last code point was; blocks are made in order. */
  #range = 0;

  constructor(alphabet: Alphabet) {
    this.#alphabet = alphabet;
  }

  /** The block of `span` code points from `first` on; those below `least` are written with fewer bytes. */
  block(first: number, { span, least }: { readonly span: number; readonly least: number }): Block {
    if (span === 1) return isCharacter(first, least) ? this.#leaf(this.#symbolAt(first)) : INVALID;
    if (!hasCharacters(first, { span, least })) return INVALID;
    const step = span / CONTINUATIONS;
    const only = this.#maybeUniform(first, { span, least });
    const children: Block[] = [];
    for (let index = 0; index < CONTINUATIONS; index++) {
      const before = children.at(-1);
      const isLike = only && before !== undefined;
      children.push(isLike ? before : this.block(first + index * step, { span: step, least }));
    }
    return this.#same(children);
  }

  /** Whether one symbol stands for all of the code points, and each of them is a character. */
  #maybeUniform(first: number, { span, least }: { readonly span: number; readonly least: number }): boolean {
    const last = first + span - 1;
    if (first < least || last > CODE_POINT_MAX) return false;
    if (first <= SURROGATES[1] && last >= SURROGATES[0]) return false;
    this.#symbolAt(first);
    return (this.#alphabet.starts[this.#range + 1] ?? Number.POSITIVE_INFINITY) > last;
  }

  #symbolAt(codePoint: number): number {
    const { starts, symbols } = this.#alphabet;
    if ((starts[this.#range] ?? 0) > codePoint) this.#range = 0;
    while ((starts[this.#range + 1] ?? Number.POSITIVE_INFINITY) <= codePoint) this.#range++;
    return symbols[this.#range] ?? 0;
  }

  #leaf(symbol: number): Block {
    return this.#kept(`s${symbol}`, (number) => ({ number, symbol, symbols: [symbol] }));
  }

  #same(children: readonly Block[]): Block {
    if (children.every((child) => child === INVALID)) return INVALID;
    const text = children.map((child) => child.number).join();
    return this.#kept(text, (number) => ({ number, symbol: -1, symbols: symbolsIn(children), children }));
  }

  #kept(key: string, make: (number: number) => Block): Block {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const block = make(this.#known.size);
    this.#known.set(key, block);
    return block;
  }
}

const symbolsIn = (blocks: readonly Block[]): readonly number[] => [
  ...new Set([...new Set(blocks)].flatMap(({ symbols }) => symbols)),
];

const hasCharacters = (first: number, { span, least }: { readonly span: number; readonly least: number }): boolean =>
  first + span > least && first <= CODE_POINT_MAX && !(first >= SURROGATES[0] && first + span - 1 <= SURROGATES[1]);

const isCharacter = (codePoint: number, least: number): boolean =>
  codePoint >= least && codePoint <= CODE_POINT_MAX && !(codePoint >= SURROGATES[0] && codePoint <= SURROGATES[1]);
