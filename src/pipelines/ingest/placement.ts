import path from 'node:path';
import type { CheckResult } from '#contracts';
import { nameWith } from '../data-files.ts';
import type { DataFolders } from '../folders.ts';
import { placeIn } from '../places/data-places.ts';

/** Where the parts of one arrival go. Names contain the arrival id, so two arrivals never collide. */
export interface Destinations {
  /** Name of a file that is moved whole, in its own format. */
  readonly good: string;
  readonly bad: string;
  /** Name of split rows: delimited text, whatever the input format. */
  readonly goodRows: string;
  readonly badRows: string;
  readonly reasons: string;
  readonly rejected: string;
}

/** Formats whose split rows are CSV, so the name must say so. */
const NOT_DELIMITED_TEXT = /\.(gz|parquet|ndjson|jsonl|json)$/i;

export function destinationsOf(
  folders: Pick<DataFolders, 'good' | 'bad'>,
  arrival: { readonly id: string; readonly file: string },
): Destinations {
  const whole = nameWith(arrival.file, arrival.id);
  const { name } = path.parse(arrival.file.replace(/\.(gz|zst|bz2|zip)$/i, ''));
  const csv = nameWith(`${name}.csv`, arrival.id);
  const rows = NOT_DELIMITED_TEXT.test(arrival.file) ? csv : whole;
  return {
    good: placeIn(folders.good, whole),
    bad: placeIn(folders.bad, whole),
    goodRows: placeIn(folders.good, rows),
    badRows: placeIn(folders.bad, rows),
    reasons: placeIn(folders.bad, 'reasons', csv),
    rejected: placeIn(folders.bad, 'rejected', nameWith(`${name}.jsonl`, arrival.id)),
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
 * Decides what goes where. A file with good and bad rows is split; one with no bad row, or no good one, is moved whole,
 * and an entirely bad one gets its reasons in a second file. Rejected bytes are always kept.
 */
export function placementsOf(
  result: Pick<CheckResult, 'verdict' | 'rows'>,
  options: { readonly files: CheckedFiles; readonly to: Destinations },
): readonly Placement[] {
  const { files, to } = options;
  const { good, bad, rejected } = result.rows;
  if (result.verdict === 'quarantined' || good + bad === 0) return [{ from: files.raw, to: to.bad }];
  const placements: Placement[] = [];
  const isWhollyGood = good > 0 && good === result.rows.in;
  if (isWhollyGood) placements.push({ from: files.raw, to: to.good });
  else if (good > 0) placements.push({ from: files.good, to: to.goodRows });
  if (bad > 0 && good > 0) placements.push({ from: files.bad, to: to.badRows });
  if (bad > 0 && good === 0) placements.push({ from: files.raw, to: to.bad }, { from: files.bad, to: to.reasons });
  // An entirely bad file is moved whole, including its rejected lines.
  if (rejected > 0 && good > 0) placements.push({ from: files.rejected, to: to.rejected });
  return placements;
}

/** Where the parts of a checked file are. */
export type Places = Readonly<Partial<Record<'good' | 'bad' | 'reasons' | 'rejected', string>>>;

/** Where the parts of an ingested file were placed, by what they hold; a part that it does not have is absent. */
export function placesOf(
  folders: DataFolders,
  {
    check,
    ...arrival
  }: { readonly id: string; readonly file: string; readonly check: Pick<CheckResult, 'verdict' | 'rows'> },
): Places {
  const to = destinationsOf(folders, arrival);
  const parts = new Map([
    [to.good, 'good'],
    [to.goodRows, 'good'],
    [to.bad, 'bad'],
    [to.badRows, 'bad'],
    [to.reasons, 'reasons'],
    [to.rejected, 'rejected'],
  ] as const);
  const files = { raw: '', good: '', bad: '', rejected: '' };
  return Object.fromEntries(
    placementsOf(check, { files, to }).map((placement) => [parts.get(placement.to), placement.to]),
  );
}
