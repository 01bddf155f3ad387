import type { Contract } from '#contracts';
import { datasetsNamedBy } from '#contracts';
import type { BlobInput, TypedGoal } from '#engine';
import { PipelineError } from './errors.ts';

/** Another dataset that a contract compares files with: an output of bytes of a goal. */
export interface ReferenceDataset {
  /** What makes it: `acceptedCustomers.goal({})`, `customers.partition({ name: 'all.csv' })`. */
  readonly goal: TypedGoal;
  /** Name of its output, one of `blob()`: `'good'`. */
  readonly output: string;
}

/** By the names that the contract has for them. */
export type References = Readonly<Record<string, ReferenceDataset>>;

/** @throws PipelineError `project_invalid` when the contract names others. */
export function assertReferences(project: string, contract: Contract, references: References): void {
  const named = datasetsNamedBy(contract);
  const missing = named.find((dataset) => !Object.hasOwn(references, dataset));
  const unknown = Object.keys(references).find((dataset) => !named.includes(dataset));
  if (missing !== undefined) {
    throw new PipelineError(
      'project_invalid',
      `The contract of project ${project} compares files with the dataset "${missing}". Say under references which goal makes it: references: { '${missing}': { goal: task.goal({}), output: 'good' } }.`,
    );
  }
  if (unknown !== undefined) {
    throw new PipelineError(
      'project_invalid',
      `Project ${project} has the reference "${unknown}", which its contract does not name. It names: ${named.join(', ') || 'none'}.`,
    );
  }
}

/** The inputs of a task that checks; none where there are no references, so that its key is as if there could be none. */
export function referenceInputs(references: References): { readonly references?: Readonly<Record<string, TypedGoal>> } {
  const goals = Object.entries(references).map(([dataset, { goal }]) => [dataset, goal] as const);
  return goals.length === 0 ? {} : { references: Object.fromEntries(goals) };
}

/** The files of the datasets, from what a running task reads. */
export async function referencePaths(
  references: References,
  inputs: { readonly references?: Readonly<Record<string, unknown>> },
): Promise<Readonly<Record<string, string>>> {
  const paths: [string, string][] = [];
  for (const [dataset, { goal, output }] of Object.entries(references)) {
    const found = inputs.references?.[dataset];
    const made = typeof found === 'object' && found !== null ? Object.entries(found) : [];
    const content: unknown = made.find(([name]) => name === output)?.[1];
    if (!isBlob(content)) {
      throw new PipelineError(
        'project_invalid',
        `The reference "${dataset}" is the output "${output}" of the task ${goal.task}; expected one of blob(). Its outputs: ${made.map(([name]) => name).join(', ') || 'none'}.`,
      );
    }
    paths.push([dataset, await content.path()]);
  }
  return Object.fromEntries(paths);
}

function isBlob(content: unknown): content is BlobInput {
  return typeof content === 'object' && content !== null && 'path' in content && typeof content.path === 'function';
}
