import path from 'node:path';
import type { CheckResult } from '#contracts';
import { nameWith } from '../data-files.ts';
import type { DataFolders } from '../folders.ts';

/** Where the parts of one arrival go. Names carry the arrival id, so two arrivals never meet. */
export interface Destinations {
  readonly good: string;
  readonly bad: string;
  readonly reasons: string;
  readonly rejected: string;
}

export function destinationsOf(
  folders: DataFolders,
  arrival: { readonly id: string; readonly file: string },
): Destinations {
  const unique = nameWith(arrival.file, arrival.id);
  return {
    good: path.join(folders.good, unique),
    bad: path.join(folders.bad, unique),
    reasons: path.join(folders.bad, 'reasons', nameWith(`${path.parse(arrival.file).name}.csv`, arrival.id)),
    rejected: path.join(folders.bad, 'rejected', nameWith(`${path.parse(arrival.file).name}.jsonl`, arrival.id)),
  };
}

/** The local files that a check left, to be placed. */
export interface CheckedFiles {
  readonly raw: string;
  readonly good: string;
  readonly bad: string;
  readonly rejected: string;
}

/** One file to place: what, and where to. */
export interface Placement {
  readonly from: string;
  readonly to: string;
}

/**
 * Decides what goes where. A file with good and bad rows is split; one with no bad row, or no good one, moves whole,
 * and a wholly bad one has its reasons beside it. Rejected bytes are always kept.
 */
export function placementsOf(
  result: CheckResult,
  options: { readonly files: CheckedFiles; readonly to: Destinations },
): readonly Placement[] {
  const { files, to } = options;
  const { good, bad, rejected } = result.rows;
  if (result.verdict === 'quarantined' || good + bad === 0) return [{ from: files.raw, to: to.bad }];
  const placements: Placement[] = [];
  if (good > 0) placements.push({ from: good === result.rows.in ? files.raw : files.good, to: to.good });
  if (bad > 0 && good > 0) placements.push({ from: files.bad, to: to.bad });
  if (bad > 0 && good === 0) placements.push({ from: files.raw, to: to.bad }, { from: files.bad, to: to.reasons });
  // A wholly bad file moves whole, its rejected lines inside it.
  if (rejected > 0 && good > 0) placements.push({ from: files.rejected, to: to.rejected });
  return placements;
}
