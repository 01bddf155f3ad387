import type { RowProblem } from '#api';
import { type FeatureRow, isStorableText, toCountText, toStorableText } from '#ml';
import { ServerError } from '../errors.ts';
import type { Steps } from '../in-turns.ts';

export interface ReadRowsLimits {
  readonly predictionRows: number;
  readonly problemsListed: number;
}

/** Rows that are looked at before others may have a turn. */
export const ROWS_OF_STEP = 100;
const SHOWN_CHARACTERS_MAX = 80;

/**
 * The rows of a body, each an object of plain cells. Written by hand, because a generic schema takes longer than
 * predicting.
 */
export function* readRows(
  body: unknown,
  { predictionRows, problemsListed }: ReadRowsLimits,
): Steps<readonly FeatureRow[]> {
  const rows: readonly unknown[] = Array.isArray(body) ? body : [body];
  assertRowCount(rows.length, predictionRows);
  const problems = new Problems(problemsListed);
  for (const [index, row] of rows.entries()) {
    if (index % ROWS_OF_STEP === 0) yield;
    readRow(row, index, problems);
  }
  problems.assertNone();
  // Every row was just checked to be an object of plain cells.
  return rows as readonly FeatureRow[];
}

/** Refuses a request without a row, or with too many. */
export function assertRowCount(count: number, rowsMax: number): void {
  if (count > 0 && count <= rowsMax) return;
  const got = count === 0 ? 'an empty list' : `${count} rows`;
  throw new ServerError('rows_invalid', `Expected 1 to ${rowsMax} rows in one request; got ${got}.`, {
    problems: [{ row: 0, field: '', expected: `1 to ${rowsMax} rows`, got }],
  });
}

function readRow(row: unknown, index: number, problems: Problems): void {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) {
    problems.add({ row: index, field: '', expected: 'an object of columns', got: describe(row) });
    return;
  }
  for (const [field, cell] of Object.entries(row)) {
    if (typeof cell === 'object' && cell !== null) {
      problems.add({
        row: index,
        field: show(field),
        expected: 'a text, a number, true, false or null',
        got: describe(cell),
      });
    } else if (!isStorableText(field) || (typeof cell === 'string' && !isStorableText(cell))) {
      problems.add({ row: index, field: show(field), expected: 'well-formed text without NUL', got: describe(cell) });
    }
  }
}

// Counting stops here, so that not every row of an invalid body is read.
const PROBLEMS_COUNTED_MAX = 1000;

/** Collects problems: lists some, counts more. */
export class Problems {
  readonly #listedMax: number;
  readonly #listed: RowProblem[] = [];
  #count = 0;

  constructor(listedMax: number) {
    this.#listedMax = listedMax;
  }

  add(problem: RowProblem): void {
    this.#count += 1;
    if (this.#listed.length < this.#listedMax) this.#listed.push(problem);
  }

  assertNone(): void {
    if (this.#count === 0) return;
    const isMore = this.#count >= PROBLEMS_COUNTED_MAX;
    const count = `${isMore ? 'At least ' : ''}${toCountText(Math.min(this.#count, PROBLEMS_COUNTED_MAX), 'problem')}`;
    const listed = this.#listed.length < this.#count ? `, of which the first ${this.#listed.length} are listed` : '';
    throw new ServerError(
      'rows_invalid',
      `Rows violate the contract. ${count}${listed}. Nothing was predicted or stored; correct them and send all rows again.`,
      { problems: this.#listed },
    );
  }
}

/** A value for an error message: short, on one line, never a whole structure. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return typeof value === 'string' ? JSON.stringify(show(value)) : String(value);
}

function show(text: string): string {
  return toStorableText(text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}…` : text);
}
