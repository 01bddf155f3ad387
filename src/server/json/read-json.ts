import { isUtf8 } from 'node:buffer';
import { ServerError } from '../errors.ts';
import type { Steps } from '../in-turns.ts';
import { assertBlank, CutError, cutJson, type LargeValue, type Piece } from './cut-json.ts';
import { assertAllowed, parseJson } from './parse-json.ts';

export interface ReadJsonOptions {
  /** Lists and objects within each other: what walks a value calls itself for each level of it. */
  readonly depthMax: number;
  /** What is longer is parsed in pieces of about so many bytes. Default: 128 KB, which take about a millisecond. */
  readonly pieceBytes?: number;
}

const PIECE_BYTES = 128 * 1024;
const BYTE_ORDER_MARK = Buffer.from('\uFEFF');

/** The value of a JSON text, parsed step by step. Throws a ServerError `json_invalid`. */
export function* readJsonBytes(given: Buffer, { depthMax, pieceBytes = PIECE_BYTES }: ReadJsonOptions): Steps<unknown> {
  // `toString` would replace what is no UTF-8, and a changed value would be stored.
  if (!isUtf8(given))
    throw new ServerError('json_invalid', 'Expected the body to be JSON in UTF-8; its bytes are not.');
  const body = given.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)
    ? given.subarray(BYTE_ORDER_MARK.length)
    : given;
  try {
    const large = yield* cutJson(body, { depthMax, pieceBytes });
    return large === undefined ? parseJson(body.toString()) : yield* assemble(body, large);
  } catch (error) {
    if (!(error instanceof CutError)) throw error;
    // Of a short text the parser says better what it expected.
    if (error.isMisfit && body.length < pieceBytes) return parseJson(body.toString());
    throw new ServerError('json_invalid', error.message);
  }
}

function* assemble(body: Buffer, { kind, pieces }: LargeValue): Steps<unknown> {
  const list: unknown[] = [];
  const object: Record<string, unknown> = {};
  for (const piece of pieces) {
    yield;
    if (piece.large === undefined) {
      if (kind === 'object') Object.assign(object, parsePiece(body, piece, '{}'));
      else for (const value of parsePiece(body, piece, '[]') as unknown[]) list.push(value);
    } else if (kind === 'list') {
      assertBlank(body, piece.start, piece.large.start);
      list.push(yield* assemble(body, piece.large));
    } else {
      const key = keyOf(body, piece.start, piece.large.start);
      const value = yield* assemble(body, piece.large);
      assertAllowed(key, value);
      object[key] = value;
    }
  }
  return kind === 'list' ? list : object;
}

function parsePiece(body: Buffer, { start, end }: Piece, [open, close]: '[]' | '{}' | readonly string[]): object {
  const text = body.toString('utf8', start, end);
  return parseJson(`${open}${text}${close}`, `in the part from byte ${start} on: `) as object;
}

/** Of a large value in an object: what stands before its bracket. */
function keyOf(body: Buffer, start: number, end: number): string {
  const text = body.toString('utf8', start, end);
  const [key] = Object.keys(parseJson(`{${text}null}`, `in the part from byte ${start} on: `) as object);
  if (key === undefined)
    throw new CutError(`Expected the body to be JSON; a key is missing at byte ${start}.`, { isMisfit: true });
  return key;
}
