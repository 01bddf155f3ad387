import path from 'node:path';
import type { Coerced } from '../coercions/coercion.ts';
import { CoercionCounts } from '../coercions/coercion-counts.ts';
import { UndecodableError } from '../scan/undecodable-error.ts';
import type { RowFiles } from '../sweep/row-files.ts';
import type { Sample } from '../sweep/samples.ts';
import type { FoundParts } from './check-outcome.ts';
import type { SqlEvaluation, TableAnswer } from './evaluate.ts';
import { examplesOf } from './examples.ts';
import type { Flag } from './flags.ts';
import { goodPart } from './good-part.ts';
import { type Pass, type PassOptions, rejectsIn } from './pass.ts';
import { countsOf } from './pass-counts.ts';
import { resultOf } from './result-of.ts';

/** A pass that parted the rows for good, and all that was found out about them. */
export interface JudgedPass extends Pick<PassOptions, 'name' | 'path' | 'work' | 'keepsLines' | 'copy' | 'at'> {
  readonly pass: Pass;
  /** The flags of the pass, once it is known which are tolerated. */
  readonly flags: readonly Flag[];
  /** The answers of the pass, and what DuckDB said beside. */
  readonly tables: readonly TableAnswer[];
  readonly sql: SqlEvaluation;
  /** Of rows that were parted once more. */
  readonly files?: RowFiles;
  readonly samples?: ReadonlyMap<number, readonly Sample[]>;
}

/**
 * The result of a check and its parts.
 *
 * @throws UndecodableError when rows were lost.
 */
export async function outcomeOf(judged: JudgedPass): Promise<FoundParts> {
  const { pass, sql, copy, work, at } = judged;
  const { contract, header, found, plan } = pass;
  const { good, bad, paths } = judged.files ?? pass.files;
  const { rejected } = copy?.scan ?? found;
  assertComplete(judged);
  const rows = { in: good + bad + rejected, good, bad, rejected };
  const flags = [...judged.flags, ...sql.flags].sort(byPlace);
  const result = resultOf({
    ...{ contract, header, rows, ...pass.facts, file: judged.name ?? path.basename(judged.path) },
    structure: { ...(copy?.scan ?? found), header: header.names },
    evaluation: {
      flags,
      tables: [...judged.tables, ...sql.tables].sort(byPlace),
      ...{ columns: plan.columns, failures: found.failures, counts: { ...countsOf(found, plan), ...sql.counts } },
    },
    coerced: copy === undefined ? changedIn(pass) : copy.coerced,
    examples: examplesOf(flags, { samples: judged.samples ?? found.samples, contract, header, at }),
  });
  return {
    result,
    parts: {
      ...(good > 0 ? { good: await goodPart(contract, { header, good: paths.good }) } : {}),
      ...(good > 0 && judged.keepsLines === true ? { lines: paths.lines } : {}),
      ...(bad > 0 ? { bad: paths.bad } : {}),
      ...(rejected > 0 ? { rejected: copy?.scan.files.rejected ?? rejectsIn(work) } : {}),
    },
  };
}

export function changedIn({ header, found }: Pass): Coerced | undefined {
  const changed = new CoercionCounts();
  changed.addPlaced(header.names, found.coerced);
  return changed.maybeCoerced();
}

interface WithPlace {
  readonly place: number;
}

/** Puts what is found in the order of reports. */
export const byPlace = (a: WithPlace, b: WithPlace): number => a.place - b.place;

function assertComplete({ pass: { found, files }, files: partedAgain, copy }: JudgedPass): void {
  const { good, bad } = partedAgain ?? files;
  const records = copy?.scan.records ?? found.records;
  if (good + bad === records && found.records === records) return;
  throw new UndecodableError(
    `the count does not add up: ${records} records, ${found.records} read, ${good} good, ${bad} bad`,
  );
}
