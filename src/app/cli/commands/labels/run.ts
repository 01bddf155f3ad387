import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type BadLine, type Contract, readReasons } from '#contracts';
import { checkLabelFile, labelFileColumns, storeLabelFile } from '#ml';
import type { Database, DuckdbPool } from '#store';
import { UsageError } from '../../../project/errors.ts';
import { withProject } from '../../../serve/open-project.ts';
import type { InProject, ProjectFlags } from '../../context.ts';
import { printable } from '../../ending.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { type CommandChange, onRecord } from '../../on-record.ts';

export interface LabelsFlags extends ProjectFlags {
  readonly skipBad?: boolean;
}

const LINES_LISTED_MAX = 50;

/** Stores the labels of a file: all of them, or none unless bad lines are to be skipped. */
export async function storeLabels(file: string, options: InProject<LabelsFlags>): Promise<number> {
  const result = await withProject('project', options, async ({ wiring: { database, duckdb, project } }) => {
    const { contract, name: model } = project;
    if (contract === undefined)
      throw new UsageError('usage_invalid', `Project ${model} has no model, so its rows have no labels.`);
    const folder = await mkdtemp(path.join(tmpdir(), 'weir-labels-'));
    try {
      return await storeFile(file, { ...options, contract, model, database, duckdb, folder });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
  options.print(options.json ? `${JSON.stringify(result)}\n` : printable(toText(result, options)));
  return result.bad === 0 || options.skipBad === true ? EXIT_CODES.done : EXIT_CODES.failed;
}

interface Storing extends InProject<LabelsFlags> {
  readonly contract: Contract;
  readonly model: string;
  readonly database: Database;
  readonly duckdb: DuckdbPool;
  readonly folder: string;
}

interface Result {
  readonly file: string;
  readonly added: number;
  readonly corrected: number;
  readonly unchanged: number;
  /** Lines that are no labels, and labels of predictions that do not exist. */
  readonly bad: number;
  readonly lines: readonly BadLine[];
  readonly unknownPredictions: readonly string[];
  /** Why no line of the file can be a label, in which case they are not listed. */
  readonly problems: readonly string[];
}

const NOTHING = { added: 0, corrected: 0, unchanged: 0 };

async function storeFile(file: string, storing: Storing): Promise<Result> {
  const { contract, model, database, duckdb, folder, signal, show, skipBad = false } = storing;
  const name = path.basename(file);
  const checked = await show(`Checking ${printable(name)}`, (onProgress) =>
    checkLabelFile({ path: file, contract, folder, duckdb, signal, onProgress }),
  );
  const { rows, violations, verdict } = checked.result;
  const whole = violations.filter(({ severity, expectation }) => severity === 'fail' && isOfFile(expectation));
  if (verdict === 'quarantined' || whole.length > 0) {
    const expected = `Expected the columns ${labelFileColumns(contract)}.`;
    const problems = [...whole.map(({ sentence }) => sentence), expected];
    return { file: name, ...NOTHING, bad: rows.in, lines: [], unknownPredictions: [], problems };
  }
  const lines = await readReasons({ ...checked, duckdb, signal, linesMax: LINES_LISTED_MAX });
  const bad = rows.bad + rows.rejected;
  const { good } = checked.files;
  if (good === undefined || (bad > 0 && !skipBad))
    return { file: name, ...NOTHING, bad, lines, unknownPredictions: [], problems: [] };
  const stored = await onRecord(database, recordedAs(name), (inside) =>
    storeAllOrNone(inside, {
      skipBad,
      store: (tx) => storeLabelFile(tx, { file: checked, good, model, source: 'cli', duckdb, signal }),
    }),
  );
  const { unknown, ...counts } = stored;
  const unknownPredictions = unknown.flatMap(({ predictionId }) => predictionId ?? []);
  return { file: name, ...counts, bad: bad + unknown.length, lines, unknownPredictions, problems: [] };
}

const isOfFile = (expectation: string): boolean => ['readable', 'column-present', 'column-once'].includes(expectation);

const recordedAs = (file: string): CommandChange<Stored> => ({
  ...{ action: 'sendLabels', target: `file=${file}` },
  isChange: ({ added, corrected }) => added + corrected > 0,
  toAfter: ({ added, corrected, unchanged }) => ({ added, corrected, unchanged }),
});

type Stored = Awaited<ReturnType<typeof storeLabelFile>>;

/** Rolls back when a label is of a prediction that does not exist, unless such labels are skipped. */
async function storeAllOrNone(
  database: Database,
  { skipBad, store }: { readonly skipBad: boolean; readonly store: (tx: Transaction) => Promise<Stored> },
): Promise<Stored> {
  let refused: Stored | undefined;
  try {
    return await database.transaction(async (tx) => {
      const stored = await store(tx);
      if (stored.unknown.length === 0 || skipBad) return stored;
      refused = { ...NOTHING, unknown: stored.unknown };
      throw new Error('Labels of predictions that do not exist.');
    });
  } catch (error) {
    if (refused !== undefined) return refused;
    throw error;
  }
}

type Transaction = Parameters<Parameters<Database['transaction']>[0]>[0];

function toText(result: Result, { skipBad = false }: LabelsFlags): string {
  const { file, added, corrected, unchanged, bad, lines, unknownPredictions, problems } = result;
  if (problems.length > 0) return `${file}: nothing is stored\n${problems.map((each) => `  ${each}\n`).join('')}`;
  const unknown = unknownPredictions.slice(0, LINES_LISTED_MAX).map((id) => `  there is no prediction ${id}\n`);
  const more = bad - lines.length - unknown.length;
  const listed = [
    ...lines.map(({ line, reason }) => `  line ${line}: ${reason}\n`),
    ...unknown,
    ...(more > 0 ? [`  and ${more} more\n`] : []),
  ].join('');
  if (bad > 0 && !skipBad)
    return `${file}: ${bad} bad ${bad === 1 ? 'line' : 'lines'}, so nothing is stored. Correct them, or store the others with --skip-bad.\n${listed}`;
  const skipped = bad > 0 ? `, ${bad} bad ${bad === 1 ? 'line' : 'lines'} skipped` : '';
  return `${file}: ${added} added, ${corrected} corrected, ${unchanged} unchanged${skipped}\n${listed}`;
}
