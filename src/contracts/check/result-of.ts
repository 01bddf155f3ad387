import type { CheckResult, Violation } from '../check-result.ts';
import type { Coerced } from '../coercions/coercion.ts';
import type { Contract } from '../contract.ts';
import type { Scan } from '../scan/scan-csv.ts';
import type { FoundParts } from './check-outcome.ts';
import { criticalityOf, verdictOf } from './criticality.ts';
import { columnFacts, type Evaluation, evaluated, rowViolations } from './evaluate.ts';
import type { Examples } from './examples.ts';
import { headerViolations } from './header-violations.ts';
import type { HeaderMatch } from './match-header.ts';
import { structureViolations } from './structure.ts';
import { summaryOf } from './summary.ts';

/** All that was found out about a file. */
export interface FoundOfFile extends Pick<CheckResult, 'file' | 'digest' | 'sizeBytes' | 'rows'> {
  readonly contract: Contract;
  readonly header: HeaderMatch;
  /** What the scanner found; or, of a set of files, what is wrong with their records and headers. */
  readonly structure: Pick<Scan, 'header' | 'faults' | 'firstRejected'> | readonly Violation[];
  readonly evaluation: Evaluation;
  /** Cells that were changed. */
  readonly coerced: Coerced | undefined;
  readonly examples: Examples;
}

/** The result of a check in the words and numbers of reports. */
export function resultOf(found: FoundOfFile): FoundParts['result'] {
  const { contract, header, structure, evaluation, examples, coerced, rows, file, digest, sizeBytes } = found;
  const { tables } = evaluation;
  const records = rows.in - rows.rejected;
  const violations = [
    ...('header' in structure
      ? [
          ...structureViolations(structure, { rowsIn: rows.in, contract }),
          ...headerViolations(contract, header, records),
        ]
      : structure),
    ...tables.flatMap(({ violation }) => violation ?? []),
    ...rowViolations(evaluation, { rowsIn: rows.in, examples, contract }),
  ];
  const facts = { rows, violations, verdict: verdictOf(violations) };
  const criticality = criticalityOf(facts, contract.criticality);
  const unchecked = [...(contract.unchecked ?? []), ...tables.flatMap((table) => table.unchecked ?? [])];
  return {
    ...{ contract: contract.name, file, digest, sizeBytes, ...facts },
    ...(criticality === undefined ? {} : { criticality }),
    expectations: evaluated(evaluation, records),
    columns: columnFacts(evaluation, contract),
    ...(coerced === undefined ? {} : { coerced }),
    ...(unchecked.length === 0 ? {} : { unchecked }),
    summary: summaryOf({ ...facts, unchecked, coerced }),
  };
}
