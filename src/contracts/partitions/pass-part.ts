import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { copyRows } from '../check/check-copy.ts';
import type { CheckFileOptions } from '../check/check-file-options.ts';
import { matchHeader } from '../check/match-header.ts';
import { withRows } from '../check/open-rows.ts';
import type { OtherDataset } from '../check/other-datasets.ts';
import { changedIn } from '../check/outcome-of.ts';
import { maybePass, NOTHING_LATE, type Pass, type PassOptions, type RunPassOptions } from '../check/pass.ts';
import type { Coerced } from '../coercions/coercion.ts';
import type { Scan } from '../scan/scan-csv.ts';
import { type PartFindings, toCountedPart } from './part-findings.ts';

export interface PassPartOptions extends Omit<CheckFileOptions, 'folder' | 'references' | 'onProgress'> {
  /** Where the files of the part go: rows, keys, and what SQL reads. */
  readonly into: string;
  /** Other datasets that the whole one is compared with. */
  readonly others: readonly OtherDataset[];
  /** Of the hashes of keys: equal for all parts that are compared. */
  readonly keySeed: number;
  /** Whether SQL decides keys and what counts decide. */
  readonly isOfRowsOnly: boolean;
  readonly onProgress?: ((share: number) => void) | undefined;
}

/** A pass that is over, without the buffers of its files: a dataset may have thousands of parts. */
export interface PassOfPart extends Omit<Pass, 'files'> {
  readonly files: Pick<Pass['files'], 'good' | 'bad' | 'paths'>;
}

/** A pass over a part, with what its copy told where one was made. */
export interface PassedPart {
  /** Undefined of a part without a header. */
  readonly pass: PassOfPart | undefined;
  readonly scan: Scan | undefined;
  readonly coerced: Coerced | undefined;
  readonly at: PassOptions['at'];
  readonly contract: Pass['contract'];
  /** The file of records that are no rows. */
  readonly rejected: string;
}

/**
 * Passes once over a part and parts its rows.
 *
 * @throws KeysTooLargeError when the keys of this part alone take too much memory.
 */
export async function passPart(
  { into, ...given }: PassPartOptions,
  late: Partial<Pick<RunPassOptions, 'late' | 'isAsked'>> = {},
): Promise<PassedPart> {
  await mkdir(into, { recursive: true });
  const running: RunPassOptions = {
    ...{ late: NOTHING_LATE, isAsked: true, isOfRowsOnly: given.isOfRowsOnly, ...late },
    ...{ onPlanned: () => {}, onRead: given.onProgress ?? (() => {}), onWritten: () => {} },
  };
  const { onProgress: _, ...options } = given;
  return withRows({ ...options, folder: into, work: into }, async (rows, format) => {
    const direct = format === 'csv' ? await maybePass(rows, running) : undefined;
    const rejected = path.join(into, 'rejected.jsonl');
    if (direct !== undefined) {
      const { contract } = direct;
      return {
        pass: withoutBuffers(direct),
        scan: undefined,
        coerced: changedIn(direct),
        at: rows.at,
        contract,
        rejected,
      };
    }
    const copied = await copyRows({ ...rows, source: undefined }, format);
    const pass = copied.options && (await maybePass(copied.options, running));
    const { scan, contract } = copied;
    const { coerced } = copied.options?.copy ?? {};
    return { pass: pass && withoutBuffers(pass), scan, coerced, at: rows.at, contract, rejected: scan.files.rejected };
  });
}

function withoutBuffers({ files: { good, bad, paths }, ...pass }: Pass): PassOfPart {
  return { ...pass, files: { good, bad, paths } };
}

/** What the check of the whole dataset needs to know of a part. */
export function findingsOf({ pass, scan, coerced, at, contract }: PassedPart): PartFindings {
  const structure = scan ?? pass?.found;
  const facts = scan?.source ?? pass?.facts;
  if (structure === undefined || facts === undefined) throw new Error('Expected a part that was read.');
  const header = pass?.header ?? matchHeader(contract, []);
  return {
    ...{ digest: facts.digest, sizeBytes: facts.sizeBytes, at },
    names: pass?.names ?? null,
    header: { ...header, positions: [...header.positions] },
    rows: { good: pass?.files.good ?? 0, bad: pass?.files.bad ?? 0, rejected: structure.rejected },
    faults: [...structure.faults],
    firstRejected: [...structure.firstRejected],
    coerced: coerced ?? null,
    counted: pass === undefined ? null : toCountedPart(pass.found),
  };
}
