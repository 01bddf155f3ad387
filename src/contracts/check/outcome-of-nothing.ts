import path from 'node:path';
import type { Contract } from '../contract.ts';
import type { Scan } from '../scan/scan-csv.ts';
import type { FoundParts } from './check-outcome.ts';
import { flagsOf } from './flags.ts';
import type { HeaderMatch } from './match-header.ts';
import { placedExpectations } from './placed-expectations.ts';
import { resultOf } from './result-of.ts';

/** The result for a file without a header: nothing is wrong with rows, of which there are none. */
export function outcomeOfNothing(
  scan: Scan,
  file: { readonly path: string; readonly name?: string; readonly contract: Contract; readonly header: HeaderMatch },
): FoundParts {
  const { contract, header } = file;
  const { rejected, source } = scan;
  const { conditions, tables } = placedExpectations(contract, header);
  const result = resultOf({
    ...{ contract, header, structure: scan, examples: new Map(), coerced: undefined },
    file: file.name ?? path.basename(file.path),
    ...{ digest: source.digest, sizeBytes: source.sizeBytes },
    rows: { in: rejected, good: 0, bad: 0, rejected },
    evaluation: {
      flags: flagsOf(conditions, { firstMask: 0, isGuarded: true }),
      ...{ columns: [], counts: {}, failures: new Map(), tables },
    },
  });
  return { result, parts: rejected > 0 ? { rejected: scan.files.rejected } : {} };
}
