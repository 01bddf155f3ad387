import path from 'node:path';
import type { DuckdbPool, SqlEngine, SqlWork } from '#store';
import { headerNames } from '../check/counted-tables.ts';
import type { Evaluation, TableAnswer } from '../check/evaluate.ts';
import { answerOf, foundIn } from '../check/evaluate.ts';
import { type Flag, flagsOf, isFailing, settled } from '../check/flags.ts';
import type { HeaderMatch } from '../check/match-header.ts';
import { mayReveal } from '../check/may-reveal.ts';
import type { OtherDataset } from '../check/other-datasets.ts';
import { type Placed, placedExpectations } from '../check/placed-expectations.ts';
import type { Contract } from '../contract.ts';
import { answerByHeader } from '../rules/answer-by-header.ts';
import { toSql } from '../rules/to-sql.ts';
import { FILE, ROW, SPARK } from '../spark/spark-dialect.ts';
import { assertSuited } from './assert-suited.ts';
import { ROWS, setNames, typedQuery } from './set-columns.ts';
import { countedColumns, countsQuery } from './set-counts.ts';
import { flagColumns, flaggedQuery, hasAny, LATE_FLAGS, maskColumns, maybeLateQuery, ruleOf } from './set-flags.ts';
import { viewReferences } from './set-references.ts';
import { firstViolations, type SetSample } from './set-samples.ts';

const FLAGGED = 'weir_flagged';

export interface JudgeSetOptions {
  readonly contract: Contract;
  /** Of all files of the set, whose rows are the view `weir_source`. */
  readonly header: HeaderMatch;
  readonly others: readonly OtherDataset[];
  /** A folder that the engine sees too. */
  readonly folder: string;
  readonly duckdb: DuckdbPool;
  readonly work: SqlWork;
}

/** What an engine says of the rows of a set. */
export interface JudgedSet {
  readonly rows: number;
  /** Rows that violate something by themselves. */
  readonly bad: number;
  readonly evaluation: Evaluation;
  /** The first rows that violate each flag, by its bit. */
  readonly samples: ReadonlyMap<number, readonly SetSample[]>;
  /** The view of the rows with their flags, and the flags that make rows bad. */
  readonly from: string;
  readonly failing: readonly Flag[];
}

/**
 * Asks an engine all expectations of a contract about the rows of a set. Nothing is written but the places of rows that
 * repeat a key or lack their row in another dataset.
 *
 * @throws ContractError `engine_unsuited` before a row is read, for what the engine cannot be asked.
 */
export async function judgeSet(engine: SqlEngine, options: JudgeSetOptions): Promise<JudgedSet> {
  const { contract, header, work } = options;
  const { conditions, tables } = placedExpectations(contract, header);
  const flags = flagsOf(conditions, { firstMask: 0, isGuarded: false });
  const names = setNames(options, await viewReferences(engine, options));
  await engine.run(`create or replace temp view ${ROWS} as ${typedQuery(options)}`);
  await assertSuited(engine, { flags, tables, names });
  await engine.run(`create or replace temp view weir_typed as ${typedQuery(options)}`);
  const masks = maskColumns(flags, names);
  await engine.run(`create or replace temp view ${ROWS} as select *, ${masks.join(', ')} from weir_typed`);
  await viewFlagged(engine, flags, { ...options, names });
  const columns = countedColumns(options);
  const [counts = {}] = await engine.all<Record<string, number | null>>(
    countsQuery(flags, { columns, header, from: FLAGGED }),
    work,
  );
  const rows = counts.weir_n ?? 0;
  const violating = ({ bit }: Flag): number => counts[`v${bit}`] ?? 0;
  const found = settled(flags, { rows, violating });
  const failing = found.filter((flag) => isFailing(flag));
  const bad = await countBad(engine, failing, { violating, work });
  const samples = await firstViolations(engine, found, { header, from: FLAGGED, violating, work });
  const answers = await answersOf(engine, tables, { ...options, names, rows });
  return {
    ...{ rows, bad, failing },
    evaluation: { flags: found, counts, tables: answers, columns, failures: new Map() },
    samples,
    from: FLAGGED,
  };
}

/** Known only when it is known which expectations tolerate some rows. */
async function countBad(
  engine: SqlEngine,
  failing: readonly Flag[],
  { violating, work }: { readonly violating: (flag: Flag) => number; readonly work: SqlWork },
): Promise<number> {
  if (!failing.some((flag) => violating(flag) > 0)) return 0;
  const [counted] = await engine.all<{ readonly n: number }>(
    `select count(*) as n from ${FLAGGED} where ${hasAny(failing)}`,
    work,
  );
  return counted?.n ?? 0;
}

type Names = { readonly names: ReturnType<typeof setNames> };

async function viewFlagged(
  engine: SqlEngine,
  flags: readonly Flag[],
  { names, folder, work }: JudgeSetOptions & Names,
): Promise<void> {
  const late = maybeLateQuery(flags, names);
  if (late !== undefined) {
    // Kept once: each statement would find it out again, and a file of few places goes to all that need it.
    const kept = path.join(folder, 'late-flags');
    await engine.writeParquet(late, kept, work);
    const columns = [FILE, ROW, ...flagColumns(flags).map((name) => name.replace('weir_f', 'weir_m'))];
    await engine.viewParquet(LATE_FLAGS, { paths: [kept], columns });
  }
  await engine.run(`create or replace temp view ${FLAGGED} as ${flaggedQuery(flags, { hasLate: late !== undefined })}`);
}

async function answersOf(
  engine: SqlEngine,
  tables: readonly Placed[],
  { contract, header, names, rows, work }: JudgeSetOptions & Names & { readonly rows: number },
): Promise<readonly TableAnswer[]> {
  const answers: TableAnswer[] = [];
  for (const { expectation, place } of tables) {
    const rule = ruleOf({ expectation });
    const isHidden = mayReveal(expectation, contract);
    if (rule.over === 'header') {
      const { isMet, observed } = answerByHeader(rule, headerNames(contract, header));
      const found = { ok: isMet, observed: observed ?? 'nothing' };
      answers.push({ expectation, place, ...answerOf(expectation, { found, rows, isHidden }) });
      continue;
    }
    const given = await engine.all(toSql(rule, names, SPARK), work);
    const found = foundIn(given as Parameters<typeof foundIn>[0], { name: expectation.name, isHidden });
    answers.push({ expectation, place, ...answerOf(expectation, { found, rows, isHidden }) });
  }
  return answers;
}
