import type { Steps } from '../in-turns.ts';

/** A list or an object that is too large to be parsed at once. */
export interface LargeValue {
  readonly kind: 'list' | 'object';
  /** Of its bracket. */
  readonly start: number;
  readonly pieces: readonly Piece[];
}

/** Whole elements between two commas, or one that is large itself; that of an object begins with its key. */
export interface Piece {
  readonly start: number;
  readonly end: number;
  readonly large?: LargeValue;
}

/** Why a text is no JSON, found while it was cut. */
export class CutError extends Error {
  override readonly name = 'CutError';
  /** Whether brackets and commas do not fit; else they lie too deep within each other. */
  readonly isMisfit: boolean;

  constructor(message: string, { isMisfit }: { readonly isMisfit: boolean }) {
    super(message);
    this.isMisfit = isMisfit;
  }
}

export interface CutOptions {
  readonly depthMax: number;
  /** Pieces are at least so long, but for those before and behind large elements. */
  readonly pieceBytes: number;
}

const [QUOTE, ESCAPE, COMMA] = [0x22, 0x5c, 0x2c];
const [LIST, LIST_END, OBJECT, OBJECT_END] = [0x5b, 0x5d, 0x7b, 0x7d];
const BYTES_OF_STEP = 64 * 1024;
/** A text is parsed at once, whatever its length. */
const TEXT_BYTES_MAX = 4 * 1024 * 1024;
const TEXT_TOO_LONG = 'Expected each text to have at most 4 MB; one has more. Send files as files.';

/**
 * Finds where a JSON text can be cut into pieces that are parsed one by one. Undefined when it is parsed at once. Throws
 * a CutError for brackets and commas that do not fit, and for lists and objects too deep within each other.
 */
export function* cutJson(body: Buffer, { depthMax, pieceBytes }: CutOptions): Steps<LargeValue | undefined> {
  const stack: OpenValue[] = [];
  let root: LargeValue | undefined;
  let stepEnd = BYTES_OF_STEP;
  for (let index = 0; index < body.length; index += 1) {
    if (index >= stepEnd) {
      stepEnd = index + BYTES_OF_STEP;
      yield;
    }
    const byte = body[index];
    if (byte === QUOTE) {
      const end = endOfText(body, index);
      if (end - index > TEXT_BYTES_MAX) throw new CutError(TEXT_TOO_LONG, { isMisfit: false });
      index = end;
    }
    if (byte === LIST || byte === OBJECT) {
      if (stack.length >= depthMax)
        throw new CutError(`Expected at most ${depthMax} lists and objects within each other; got more.`, {
          isMisfit: false,
        });
      stack.push(new OpenValue(body, { kind: byte === LIST ? 'list' : 'object', start: index, pieceBytes }));
    } else if (byte === COMMA) (stack.at(-1) ?? fail(index)).endElement(index);
    else if (byte === LIST_END || byte === OBJECT_END) {
      const large = (stack.pop() ?? fail(index)).close(index, byte === LIST_END ? 'list' : 'object');
      if (large === undefined) continue;
      const parent = stack.at(-1);
      if (parent !== undefined) parent.addLarge(large, index + 1);
      else if (root === undefined) root = large;
      else fail(large.start);
      if (parent === undefined) assertBlank(body, index + 1, body.length);
    }
  }
  if (stack.length > 0) fail(body.length);
  if (root !== undefined) assertBlank(body, 0, root.start);
  return root;
}

/** A list or an object whose end was not reached yet. */
class OpenValue {
  readonly #body: Buffer;
  readonly #given: { readonly kind: LargeValue['kind']; readonly start: number; readonly pieceBytes: number };
  readonly #pieces: Piece[] = [];
  #pieceStart: number;
  #elementStart: number;
  /** The present element is a piece already. */
  #isAfterLarge = false;

  constructor(
    body: Buffer,
    given: { readonly kind: LargeValue['kind']; readonly start: number; readonly pieceBytes: number },
  ) {
    this.#body = body;
    this.#given = given;
    this.#pieceStart = given.start + 1;
    this.#elementStart = given.start + 1;
  }

  endElement(comma: number): void {
    this.#elementStart = comma + 1;
    if (!this.#isAfterLarge && comma - this.#pieceStart < this.#given.pieceBytes) return;
    this.#endPiece(comma);
    this.#isAfterLarge = false;
    this.#pieceStart = comma + 1;
  }

  addLarge(large: LargeValue, end: number): void {
    if (this.#isAfterLarge) fail(large.start);
    if (this.#elementStart > this.#pieceStart) this.#endPiece(this.#elementStart - 1);
    this.#pieces.push({ start: this.#elementStart, end, large });
    this.#isAfterLarge = true;
    this.#pieceStart = end;
  }

  /** Undefined when it is parsed with what surrounds it. */
  close(end: number, kind: LargeValue['kind']): LargeValue | undefined {
    if (kind !== this.#given.kind) fail(end);
    const { start, pieceBytes } = this.#given;
    const isSmall = end - start < pieceBytes || blank(this.#body, start + 1, end);
    if (this.#pieces.length === 0 && isSmall) return undefined;
    this.#endPiece(end);
    return { kind, start, pieces: this.#pieces };
  }

  #endPiece(end: number): void {
    const start = this.#pieceStart;
    const isBlank = blank(this.#body, start, end);
    // Behind a large element nothing may follow; elsewhere an element must.
    if (isBlank !== this.#isAfterLarge) fail(end);
    if (!isBlank) this.#pieces.push({ start, end });
  }
}

/** The place of the quote that ends a text; the length of the body when none does. */
function endOfText(body: Buffer, start: number): number {
  for (let index = start + 1; index < body.length; index += 1) {
    const byte = body[index];
    if (byte === QUOTE) return index;
    if (byte === ESCAPE) index += 1;
  }
  return body.length;
}

export function assertBlank(body: Buffer, start: number, end: number): void {
  if (!blank(body, start, end)) fail(start);
}

function blank(body: Buffer, start: number, end: number): boolean {
  for (let index = start; index < end; index += 1) {
    const byte = body[index];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return false;
  }
  return true;
}

function fail(at: number): never {
  throw new CutError(`Expected the body to be JSON; its brackets and commas do not fit at byte ${at}.`, {
    isMisfit: true,
  });
}
