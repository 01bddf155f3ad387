import type { Goal } from './goal.ts';
import type { InputGroups } from './inputs.ts';
import { withShortDigests } from './short-digest.ts';

/** One goal in a plan, with what it reads. */
export interface PlannedGoal {
  readonly id: string;
  readonly goal: Goal;
  /** Input name to the id of the goal that computes it. */
  readonly inputs: { readonly [name: string]: string };
  /** Input names that gather many goals. */
  readonly groups: InputGroups;
  readonly needs: readonly string[];
}

const DESCRIBED_LENGTH_MAX = 120;

/** A goal in readable form, for people: fit-model(seed=1). */
export function describeGoal(goal: Goal): string {
  const params = Object.entries(goal.params).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const text = withShortDigests(params.join(', '));
  return `${goal.task}(${text.length > DESCRIBED_LENGTH_MAX ? `${text.slice(0, DESCRIBED_LENGTH_MAX)}…` : text})`;
}
