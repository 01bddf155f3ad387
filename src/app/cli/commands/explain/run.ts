import {
  completeGoal,
  describeDifference,
  describeGoal,
  type Explanation,
  explainGoal,
  explainRun,
  type GoalExplanation,
  getRun,
  type RunDetailRecord,
  shortDigest,
  type TaskRunRecord,
  type Why,
} from '#engine';
import { UsageError } from '../../../project/errors.ts';
import { withProject } from '../../../serve/open-project.ts';
import { chooseTaskRuns } from '../../choose-task-runs.ts';
import type { InProject, ProjectFlags } from '../../context.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { parseGoal } from '../../parse-goal.ts';

export interface ExplainFlags extends ProjectFlags {
  readonly params?: string;
}

/**
 * Prints why a goal would be computed. Exit code 0 when it is complete or was skipped, 1 when it would be computed, or
 * might be.
 */
export async function explainNow(text: string, options: InProject<ExplainFlags>): Promise<number> {
  const asked = parseGoal(text, options.params);
  const explanation = await withProject('project', options, ({ wiring }) =>
    options.show(`Looking at ${describeGoal(asked)}`, async () =>
      explainGoal(wiring, await completeGoal(wiring, asked, new Date())),
    ),
  );
  options.print(options.json ? `${JSON.stringify(explanation)}\n` : toText(explanation));
  const state = explanation.goals[0]?.state;
  return state === 'complete' || state === 'skipped' ? EXIT_CODES.done : EXIT_CODES.failed;
}

/** An explanation as paragraphs. */
export function toText({ goals, isCut }: Explanation): string {
  const paragraphs = goals.map((goal, index) => paragraphOf(goal, index === 0));
  return `${paragraphs.join('')}${isCut ? 'There is more; explain one of its inputs to see it.\n' : ''}`;
}

function paragraphOf(goal: GoalExplanation, isFirst: boolean): string {
  const { differences, result, staleReason } = goal;
  const lines = [
    ...differences.map((difference) => `  ${describeDifference(difference)}`),
    ...(staleReason === null ? [] : [`  it is stale: ${staleReason}`]),
  ];
  const compared = result === null || goal.state === 'complete' ? '' : `  (compared with ${madeText(result)})\n`;
  return `${isFirst ? '' : 'because '}${headOf(goal)}\n${lines.map((line) => `${line}\n`).join('')}${compared}`;
}

function headOf({ label, state, key, result, differences }: GoalExplanation): string {
  if (state === 'skipped') return `${label} has nothing to do, unless a run that asks it again finds something:`;
  if (state === 'incomplete') return `${label} would be computed:`;
  if (state === 'unknown') return `${label} would be computed again unless its inputs stay the same:`;
  const made = result === null ? '' : `: ${madeText(result)}`;
  if (differences.length > 0) return `${label} is another now${made}:`;
  return `${label} is complete${made}${key === null ? '' : `, key ${shortDigest(key)}`}`;
}

function madeText({ version, runId, at, acceptedFrom }: NonNullable<GoalExplanation['result']>): string {
  const by =
    acceptedFrom !== null ? `accepted from version ${acceptedFrom}` : runId === null ? 'made' : `made by run ${runId}`;
  return `version ${version}, ${by} at ${at.toISOString()}`;
}

/** Prints why the goals of a task ran in a run, or why they did not. */
export async function explainPast(
  runId: string,
  options: InProject<ExplainFlags> & { readonly task?: string | undefined },
): Promise<number> {
  const past = await withProject('records', options, async ({ database }) => {
    const run = await getRun(database, runId);
    if (run === undefined) throw new UsageError('run_unknown', `There is no run ${runId}.`);
    return { run, whys: await explainRun(database, runId) };
  });
  const asked = chooseTaskRuns(past.run.taskRuns, { runId, text: options.task, params: options.params });
  const taskRuns = withReasons(asked, past);
  const first = new Set(asked);
  options.print(
    options.json
      ? `${JSON.stringify({ runId, taskRuns: taskRuns.map(({ attempts: _, ...taskRun }) => ({ ...taskRun, why: past.whys.get(taskRun.goal) ?? null })) })}\n`
      : taskRuns.map((taskRun) => pastParagraph(taskRun, { ...past, isFirst: first.has(taskRun) })).join(''),
  );
  return EXIT_CODES.done;
}

interface Past {
  readonly run: RunDetailRecord;
  readonly whys: ReadonlyMap<string, Why | null>;
}

/** The requested goal, then the goals that its differences lead to. */
function withReasons(asked: readonly TaskRunRecord[], { run, whys }: Past): readonly TaskRunRecord[] {
  const byGoal = new Map(run.taskRuns.map((taskRun) => [taskRun.goal, taskRun]));
  const listed = new Set(asked);
  for (const { goal } of listed) {
    for (const difference of whys.get(goal)?.differences ?? []) {
      const maker = difference.kind === 'input' ? byGoal.get(difference.goal ?? '') : undefined;
      if (maker !== undefined) listed.add(maker);
    }
  }
  return [...listed];
}

function pastParagraph(taskRun: TaskRunRecord, { whys, run, isFirst }: Past & { readonly isFirst: boolean }): string {
  const why = whys.get(taskRun.goal) ?? null;
  const label = `${isFirst ? '' : 'because '}${describeGoal(taskRun)}`;
  if (why === null) return `${label} did not begin in run ${run.id}: ${taskRun.reason ?? taskRun.state}\n`;
  if (why.from !== null) {
    const { runId, at, acceptedFrom } = why.from;
    const by =
      acceptedFrom !== null ? 'accepted' : runId === run.id ? 'made earlier in this run' : `made by run ${runId}`;
    return `${label} was found complete in run ${run.id}: ${by} at ${at.toISOString()}\n`;
  }
  const lines = why.differences.map((difference) => `  ${describeDifference(difference)}\n`);
  const ended = taskRun.state === 'succeeded' ? '' : ` (${taskRun.state})`;
  return `${label} ran in run ${run.id}${ended}${lines.length === 0 ? '' : ' because:'}\n${lines.join('')}`;
}
