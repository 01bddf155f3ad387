import type { Violation } from '../check-result.ts';
import type { Contract } from '../contract.ts';
import type { Fault } from '../scan/record-scanner.ts';
import type { Scan } from '../scan/scan-csv.ts';
import { rejectedExamples } from './examples.ts';
import { hasSensitive } from './sensitive.ts';

const SENTENCES: Readonly<Record<Fault, string>> = {
  'unterminated-quote': 'a quote is opened and never closed',
  'text-after-quote': 'text follows a closing quote',
  'too-few-fields': 'a record has fewer fields than the header',
  'too-many-fields': 'a record has more fields than the header',
  'stray-carriage-return': 'a record holds a carriage return',
  'nul-byte': 'a record holds a NUL byte',
  'invalid-utf-8': 'a record is not valid UTF-8',
  'record-too-long': 'a record is longer than the limit',
  'not-a-json-object': 'a line is not a JSON object',
  'repeated-field': 'an object names a field twice, so it is unclear which is meant',
};

/** The faults that the scanner found, as violations of the whole file. */
export function structureViolations(
  scan: Scan,
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
    return { ...about, expectation: fault, severity: 'fail', rows, share, sentence: SENTENCES[fault], examples };
  });
  if (rowsIn > 0) return rejected;
  const sentence = 'the file has a header and no row';
  return [{ ...about, expectation: 'not-empty', severity: 'warn', rows: 0, share: 0, sentence }];
}
