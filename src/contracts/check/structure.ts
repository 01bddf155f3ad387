import type { Violation } from '../check-result.ts';
import type { Contract } from '../contract.ts';
import { FAULTS_IN_WORDS } from '../scan/faults-in-words.ts';
import type { Scan } from '../scan/scan-csv.ts';
import { rejectedExamples } from './examples.ts';
import { hasSensitive } from './sensitive.ts';

/** The faults that the scanner found, as violations of the whole file. */
export function structureViolations(
  scan: Pick<Scan, 'header' | 'faults' | 'firstRejected'>,
  { rowsIn, contract }: { readonly rowsIn: number; readonly contract: Contract },
): readonly Violation[] {
  const about = { category: 'structure' } as const;
  if (scan.header === undefined) {
    const sentence = 'the file is empty: it has not even a header';
    return [{ ...about, expectation: 'not-empty', severity: 'fail', rows: 0, share: 0, sentence }];
  }
  const isHidden = hasSensitive(contract);
  const rejected = [...scan.faults].map(([fault, rows]): Violation => {
    const examples = rejectedExamples(scan.firstRejected.get(fault) ?? [], { isHidden });
    const share = rows / rowsIn;
    return { ...about, expectation: fault, severity: 'fail', rows, share, sentence: FAULTS_IN_WORDS[fault], examples };
  });
  if (rowsIn > 0) return rejected;
  const sentence = 'the file has a header and no row';
  return [{ ...about, expectation: 'not-empty', severity: 'warn', rows: 0, share: 0, sentence }];
}
