import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { CellCoercer } from '../coercions/cell-coercer.ts';
import { coercedColumns, hasCoercions } from '../coercions/coerced-columns.ts';
import type { Coerced } from '../coercions/coercion.ts';
import { CoercionCounts } from '../coercions/coercion-counts.ts';
import type { Contract } from '../contract.ts';
import { convertsValues } from '../format/form.ts';
import type { Format } from '../scan/format.ts';
import type { Scan, ScanOptions } from '../scan/scan-csv.ts';
import { scanFile } from '../scan/scan-file.ts';
import { maybeCheckInPasses } from './check-in-passes.ts';
import type { FoundParts } from './check-outcome.ts';
import { coerceRecords } from './coerce-records.ts';
import { withGeneratedIds } from './generated-ids.ts';
import { type HeaderMatch, matchHeader } from './match-header.ts';
import { outcomeOfNothing } from './outcome-of-nothing.ts';
import type { PassOptions } from './pass.ts';
import { restoreTexts } from './restore-texts.ts';

/** The share of the work that a copy is. */
const COPIED_SHARE = 0.4;

type Coercers = readonly (CellCoercer | undefined)[];

/** Checks a canonical copy of the rows, of a file in another format, or whose rows get ids. */
export async function checkCopy(options: PassOptions, format: Format): Promise<FoundParts> {
  const { form } = options;
  const copied = await copyRows(options, format);
  const { scan, header, contract, scanning } = copied;
  if (copied.options === undefined) return outcomeOfNothing(scan, { ...options, contract, header });
  const found = await maybeCheckInPasses({
    ...copied.options,
    onProgress: (share) => options.onProgress?.(COPIED_SHARE + (1 - COPIED_SHARE) * share),
  });
  if (found === undefined) throw new Error('Expected the copy of a file with a header to have one.');
  if (form === undefined || !convertsValues(form)) return found;
  const { violations } = found.result;
  const texts = { scanning, digest: scan.source.digest, names: header.names, positions: header.positions };
  const restored = await restoreTexts({ violations, bad: found.parts.bad }, texts);
  return { ...found, result: { ...found.result, violations: restored.violations } };
}

/** The rows of a file as canonical CSV. */
export interface CopiedRows {
  readonly contract: Contract;
  readonly header: HeaderMatch;
  readonly scan: Scan;
  readonly scanning: ScanOptions;
  /** How a pass reads them; undefined of a file without a header, which has no rows. */
  readonly options: PassOptions | undefined;
}

/** Copies the rows of a file in another format, or whose rows get ids, as canonical CSV. */
export async function copyRows(options: PassOptions, format: Format): Promise<CopiedRows> {
  const { work, form, duckdb, namesOf } = options;
  let contract = options.contractOf([]);
  let header = matchHeader(contract, []);
  let coercers: Coercers = [];
  const rename = (names: readonly string[]): readonly string[] => {
    contract = options.contractOf(names);
    header = matchHeader(contract, names);
    coercers = coercersOf(contract, header.names);
    return header.names;
  };
  const folder = path.join(work, 'copy');
  await mkdir(folder);
  const { delimiter } = contract;
  const kindsOf = () => header.names.map((name) => contract.columns[name]?.kind);
  const onProgress = (share: number): void => options.onProgress?.(share * COPIED_SHARE);
  const columns = { namesOf, kindsOf, coercersOf: () => coercers };
  const scanning = { ...options, onProgress, rename, folder, delimiter, columns, fileDelimiter: options.separator };
  const scan = await scanFile(format, { scanOptions: scanning, duckdb });
  if (scan.header === undefined) return { contract, header, scan, scanning, options: undefined };
  if (form === undefined && format !== 'csv' && hasCoercions(contract))
    await coerceRecords(scan.files.canonical, { delimiter, coercers });
  const coerced = coercedBy(coercers, header.names);
  const withIds = await withGeneratedIds({ scan, header }, { contract, work: folder });
  const reading = { form: undefined, separator: delimiter, contractOf: () => contract };
  return { ...withIds, contract, scanning, options: { ...options, ...reading, copy: { ...withIds, coerced } } };
}

function coercersOf(contract: Contract, names: readonly string[]): Coercers {
  return coercedColumns(contract, names).map((column) => column && new CellCoercer(column));
}

function coercedBy(coercers: Coercers, names: readonly string[]): Coerced | undefined {
  const counts = new CoercionCounts();
  for (const [index, coercer] of coercers.entries())
    if (coercer !== undefined) counts.addPlaced([names[index] ?? ''], coercer.counts);
  return counts.maybeCoerced();
}
