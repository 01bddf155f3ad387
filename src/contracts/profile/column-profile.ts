import type { ColumnKind } from '../contract.ts';
import { DISTINCT_EXACT_MAX } from './limits.ts';
import type { FoundNumbers } from './number-summary.ts';
import type { ColumnProfile, NumberSummary } from './profile.ts';

export interface ProfiledColumn {
  readonly name: string;
  /** Its name in the file. */
  readonly header: string;
  readonly kind: ColumnKind;
}

/** Facts of one column, but for those of its numbers that need others first. */
export interface Facts {
  readonly nulls: number;
  readonly misfits?: number;
  /** An estimate; absent of columns that are counted exactly. */
  readonly distinct?: number;
  readonly numbers?: FoundNumbers | null;
  readonly lengths?: ColumnProfile['lengths'] | null;
  readonly moments?: ColumnProfile['moments'] | null;
}

/** The different values of a column that has few. */
export interface Listed {
  readonly distinct: number;
  readonly top: ColumnProfile['top'] | null;
}

/** Of a column without values, which has no answer. */
export const NOTHING_LISTED: Listed = { distinct: 0, top: null };

export interface FoundColumn {
  readonly found: Facts;
  readonly rows: number;
  /** Absent of columns with too many different values. */
  readonly listed: Listed | undefined;
  readonly counted: number | undefined;
  readonly numbers: NumberSummary | undefined;
}

/** The profile of a column, of what was found of it. */
export function columnProfile(
  { name, kind, header }: ProfiledColumn,
  { found, rows, listed, counted, numbers }: FoundColumn,
): ColumnProfile {
  const { nulls, misfits = 0, lengths, moments } = found;
  const exact = listed?.distinct ?? counted;
  return {
    name,
    ...(header === name ? {} : { header }),
    kind,
    nulls,
    ...(misfits === 0 ? {} : { misfits }),
    distinct: exact ?? Math.min(found.distinct ?? 0, rows - nulls),
    distinctIsExact: exact !== undefined,
    ...(numbers ? { numbers } : {}),
    ...(lengths ? { lengths } : {}),
    ...(moments ? { moments } : {}),
    ...(listed?.top && listed.distinct <= DISTINCT_EXACT_MAX ? { top: listed.top } : {}),
  };
}
