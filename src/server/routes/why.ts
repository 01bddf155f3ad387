import type { Difference, Why } from '#api';
import { type Difference as DifferenceRecord, describeDifference, type Why as WhyRecord } from '#engine';

/** Why a task run was computed, or where its result came from, in the form of the API. */
export function toWhy(why: WhyRecord | null | undefined): Why | null {
  if (why === null || why === undefined) return null;
  const { differences, from } = why;
  return {
    differences: differences.map(toDifference),
    from: from && { runId: from.runId, at: from.at.toISOString(), isAccepted: from.acceptedFrom !== null },
  };
}

function toDifference(difference: DifferenceRecord): Difference {
  const base = { kind: difference.kind, sentence: describeDifference(difference), name: null, goal: null };
  switch (difference.kind) {
    case 'param':
      return { ...base, name: difference.name };
    case 'input':
      return { ...base, name: difference.name, goal: difference.goal };
    case 'missing-output':
      return { ...base, name: difference.output };
    case 'need':
      return { ...base, goal: difference.goal };
    case 'first':
    case 'code':
    case 'forced':
    case 'forgotten':
    case 'skipped':
    case 'unknown':
      return base;
    default:
      return difference satisfies never;
  }
}
