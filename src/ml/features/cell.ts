import { numberOfText } from '#contracts';
import { MlError } from '../errors.ts';
import type { FeatureRow } from '../prediction.ts';
import type { TextNumber, TimePart } from './features.ts';

type Cell = FeatureRow[string];

const DAY_MS = 86_400_000;
const HAS_ZONE = /(?:z|[+-]\d\d(?::?\d\d)?)$/i;

/** The cell of a column; inherited properties such as `constructor` do not count. */
export function cellOf(row: FeatureRow, column: string): Cell | undefined {
  return Object.hasOwn(row, column) ? row[column] : undefined;
}

/** The position of a value, for error messages. */
export interface CellPlace {
  readonly column: string;
  readonly row: number;
}

/** The number in a cell, or undefined when it is missing. */
export function numberIn(cell: Cell | undefined, place: CellPlace): number | undefined {
  if (cell === null || cell === undefined) return undefined;
  if (typeof cell === 'number' && Number.isFinite(cell)) return cell;
  if (typeof cell === 'boolean') return cell ? 1 : 0;
  throw refused(cell, { ...place, expected: 'a finite number' });
}

/** What reads the cells of a feature of numbers. */
export function numberReader({ time, reads }: { readonly time: boolean; readonly reads?: TextNumber | undefined }) {
  if (reads === undefined) return time ? daysIn : numberIn;
  return (cell: Cell | undefined, place: CellPlace): number | undefined => {
    if (typeof cell !== 'string') return numberIn(cell, place);
    const value = numberOfText(reads, cell);
    if (Number.isFinite(value)) return value;
    throw refused(cell, { ...place, expected: `a ${reads}` });
  };
}

/**
 * Days since 1970 of an ISO date or timestamp; one without a zone is read as UTC, so the machine's zone does not
 * matter.
 */
export function daysIn(cell: Cell | undefined, place: CellPlace): number | undefined {
  if (cell === null || cell === undefined) return undefined;
  const text = typeof cell === 'string' ? cell.trim().replace(' ', 'T') : '';
  const ms = Date.parse(text.includes('T') && !HAS_ZONE.test(text.slice(10)) ? `${text}Z` : text);
  if (Number.isFinite(ms)) return ms / DAY_MS;
  throw refused(cell, { ...place, expected: 'an ISO date or timestamp' });
}

const PARTS: Readonly<Record<TimePart, (time: Date) => number>> = {
  month: (time) => time.getUTCMonth() + 1,
  // From Monday, 1, to Sunday, 7.
  weekday: (time) => time.getUTCDay() || 7,
  hour: (time) => time.getUTCHours(),
};

/** A part of an ISO date or timestamp, in UTC: `3` for March. */
export function timePartIn(cell: Cell | undefined, place: CellPlace & { readonly part: TimePart }): string | undefined {
  const days = daysIn(cell, place);
  return days === undefined ? undefined : String(PARTS[place.part](new Date(Math.round(days * DAY_MS))));
}

/** The category in a cell as text, or undefined when it is missing. */
export function categoryIn(cell: Cell | undefined): string | undefined {
  return cell === null || cell === undefined ? undefined : String(cell);
}

/** 0 or 1, or undefined when the cell is missing. */
export function bitIn(cell: Cell | undefined, place: CellPlace): number | undefined {
  if (cell === null || cell === undefined) return undefined;
  if (cell === true || cell === 1 || cell === 'true') return 1;
  if (cell === false || cell === 0 || cell === 'false') return 0;
  throw refused(cell, { ...place, expected: 'true or false' });
}

function refused(cell: Cell, place: CellPlace & { readonly expected: string }): MlError {
  const got = typeof cell === 'string' ? JSON.stringify(cell.slice(0, 40)) : String(cell);
  return new MlError(
    'feature_value_invalid',
    `Row ${place.row}, column "${place.column}": expected ${place.expected} or nothing, got ${got}. Check rows against the contract before they reach a model.`,
  );
}
