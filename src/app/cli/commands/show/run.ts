import {
  createOutputContent,
  describeGoal,
  type Explanation,
  explainGoal,
  findTaskRunResult,
  findVersion,
  type StoredVersion,
} from '#engine';
import { type DescribedOutput, describeOutputs } from '#server';
import { withProject } from '../../../serve/open-project.ts';
import { outputFacts } from '../../../serve/output-facts.ts';
import type { Wiring } from '../../../serve/wire.ts';
import type { InProject, ProjectFlags } from '../../context.ts';
import { printable } from '../../ending.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { parseGoal } from '../../parse-goal.ts';
import { toText as explanationText } from '../explain/run.ts';
import { resultText } from './result-text.ts';

export interface ShowFlags extends ProjectFlags {
  readonly params?: string;
}

/** Describes the newest result of a goal. Exit code 1 when the goal is not complete now, with the reasons. */
export async function showGoal(text: string, options: InProject<ShowFlags>): Promise<number> {
  const goal = parseGoal(text, options.params);
  const { explanation, version, outputs } = await withProject('project', options, async ({ wiring }) => {
    const found = await options.show(`Looking at ${describeGoal(goal)}`, () => explainGoal(wiring, goal));
    const number = found.goals[0]?.result?.version;
    const stored = number === undefined ? undefined : await findVersion(wiring.database, number);
    return {
      explanation: found,
      version: stored,
      outputs: stored === undefined ? [] : await outputsOf(stored, wiring),
    };
  });
  const [first] = explanation.goals;
  const isComplete = first?.state === 'complete';
  options.print(
    options.json
      ? `${JSON.stringify({ goal, state: first?.state ?? 'unknown', ...toJson(version), outputs, ...(isComplete ? {} : { explanation }) })}\n`
      : printable(`${headText(explanation)}${version === undefined ? '' : resultText(version, outputs)}`),
  );
  return isComplete ? EXIT_CODES.done : EXIT_CODES.failed;
}

async function outputsOf(version: StoredVersion, wiring: Wiring): Promise<readonly DescribedOutput[]> {
  const { database, artifacts, duckdb } = wiring;
  const { runId, goalId } = version;
  const made = runId === null ? undefined : await findTaskRunResult(database, { runId, goal: goalId });
  return describeOutputs(version, {
    ...{ contentOf: createOutputContent(artifacts), factsOf: outputFacts(wiring), duckdb },
    runParams: made?.runParams ?? {},
  });
}

function toJson(version: StoredVersion | undefined) {
  if (version === undefined) return { version: null };
  const { key, code, runId, committedAt, acceptedFrom, inputs } = version;
  return { version: version.version, key, code, runId, at: committedAt, acceptedFrom, inputs };
}

/** Its state, and the reasons when it is not complete. */
function headText(explanation: Explanation): string {
  const [first] = explanation.goals;
  if (first?.state === 'complete') return `${first.label}: complete\n`;
  const older = first?.result === null || first === undefined ? '' : 'Its newest result:\n';
  return `${explanationText(explanation)}${older}`;
}
