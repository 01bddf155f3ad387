import { getRun, listRuns, type RunRecord, type RunState } from '#engine';
import { UsageError } from '../../../project/errors.ts';
import { withProject } from '../../../serve/open-project.ts';
import type { InProject, ProjectFlags } from '../../context.ts';
import { printable } from '../../ending.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { askedText, durationOf, seconds, toRunSummary, toText } from '../../run-summary.ts';

export interface RunsFlags extends ProjectFlags {
  readonly pipeline?: string;
  readonly state?: RunState;
  readonly limit: number;
}

/** Lists runs, newest first. */
export async function showRuns(options: InProject<RunsFlags>): Promise<number> {
  const { pipeline, state, limit, json, print } = options;
  const { items, nextCursor } = await withProject('records', options, ({ database }) =>
    listRuns(database, { pipeline, state, limit }),
  );
  const more = nextCursor === null ? '' : `There are more; --limit ${limit * 2} shows some of them\n`;
  print(json ? `${JSON.stringify({ items })}\n` : `${items.map(lineOf).join('') || 'No run matches\n'}${more}`);
  return EXIT_CODES.done;
}

/** Shows one run with its task runs; by task when they are many. */
export async function showRun(id: string, options: InProject<ProjectFlags>): Promise<number> {
  const run = await withProject('records', options, ({ database }) => getRun(database, id));
  if (run === undefined) throw new UsageError('run_unknown', `There is no run ${id}. List them with: weir runs`);
  const summary = toRunSummary(run);
  options.print(options.json ? `${JSON.stringify(summary)}\n` : printable(toText(summary)));
  return EXIT_CODES.done;
}

function lineOf(run: RunRecord): string {
  const { id, state, reason, trigger, createdAt, pipeline, given, isForced } = run;
  const columns = [
    id.padStart(6),
    state.padEnd(9),
    createdAt.toISOString(),
    seconds(durationOf(run)),
    trigger.padEnd(8),
  ];
  return `  ${columns.join('  ')}  ${askedText({ pipeline, params: given, isForced })}${reason === null ? '' : `: ${reason}`}\n`;
}
