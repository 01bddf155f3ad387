import { isDecimal } from '../kinds/decimal.ts';
import { type CoercedColumn, maybeCoerced } from './coerce-text.ts';
import { COERCIONS } from './coercion.ts';

/** Changes the cells of a column in the bytes of a file, and counts what it does. */
export class CellCoercer {
  readonly #column: CoercedColumn;
  readonly #isPlain: IsPlain;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  /** Cells by coercion, in the order of `COERCIONS`. */
  readonly counts = new Uint32Array(COERCIONS.length);

  constructor(column: CoercedColumn) {
    this.#column = column;
    this.#isPlain = plainCells(column);
  }

  /** The new text of a cell; undefined where it stays as it is. */
  maybeText(bytes: Uint8Array, start: number, end: number): string | undefined {
    if (this.#isPlain(bytes, start, end)) return undefined;
    const found = maybeCoerced(this.#decoder.decode(bytes.subarray(start, end)), this.#column);
    for (const coercion of found?.by ?? []) {
      const index = COERCIONS.indexOf(coercion);
      this.counts[index] = (this.counts[index] as number) + 1;
    }
    return found?.text;
  }
}

const [MINUS, POINT, ZERO, NINE] = [45, 46, 48, 57];
/** `off` and `yes` are the longest of them; `true` and `false` are longer. */
const WORD_LENGTH_MAX = 3;

type IsPlain = (bytes: Uint8Array, start: number, end: number) => boolean;

/** Whether a cell can be told by its bytes to stay as it is; most cells of most files can. */
function plainCells({ kind, coerce = [] }: CoercedColumn): IsPlain {
  if (kind === 'boolean' && !coerce.includes('trim')) return (_, start, end) => end - start > WORD_LENGTH_MAX;
  const isNumber = kind === 'number' || kind === 'integer' || isDecimal(kind);
  if (!isNumber || coerce.includes('clip')) return () => false;
  const isPlain = coerce.includes('round') ? isDigit : isOfNumber;
  return (bytes, start, end) => {
    let at = start;
    while (at < end && isPlain(bytes[at] as number)) at++;
    return at === end;
  };
}

const isDigit = (byte: number): boolean => byte >= ZERO && byte <= NINE;
const isOfNumber = (byte: number): boolean => isDigit(byte) || byte === POINT || byte === MINUS;
