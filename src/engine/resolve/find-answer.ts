import { type InputRecord, isSameDigests, type TraceRecord } from '../define/artifact.ts';
import type { Goal } from '../define/goal.ts';
import { describeGoal } from '../define/planned-goal.ts';
import type { Difference } from '../records/difference.ts';
import type { Completeness, StoredManifest } from './completeness.ts';

/** The state of a goal that an earlier result needed while it ran. */
export type NeedStanding =
  | { readonly kind: 'complete'; readonly digests: InputRecord['digests']; readonly goal: string | null }
  /** It has no outputs: it failed, was skipped or cannot be requested. */
  | { readonly kind: 'refused' }
  /** Not known before it is computed. */
  | { readonly kind: 'open'; readonly goal: string };

/** What stored results are checked against. */
export interface AnswerView {
  readonly completeness: Completeness;
  /** Whether a result is valid whose attempt started under the token. */
  allows(token: string): boolean;
  needed(goal: Goal): Promise<NeedStanding>;
}

export type Answer =
  | { readonly kind: 'found'; readonly manifest: StoredManifest }
  /** Why the first of the results is not valid; absent when there are none. `isSure` unless a need is open. */
  | { readonly kind: 'none'; readonly difference: Difference | undefined; readonly isSure: boolean };

/** The newest of the results under one key that is valid for its goal. */
export async function findAnswer(manifests: readonly StoredManifest[], view: AnswerView): Promise<Answer> {
  let difference: Difference | undefined;
  let isSure = true;
  for (const manifest of manifests) {
    const found = await checkResult(manifest, view);
    if (found === undefined && isSure) return { kind: 'found', manifest };
    difference ??= found?.difference;
    isSure &&= found?.isSure ?? false;
  }
  return { kind: 'none', difference, isSure };
}

interface Unfit {
  readonly difference: Difference;
  readonly isSure: boolean;
}

async function checkResult(manifest: StoredManifest, view: AnswerView): Promise<Unfit | undefined> {
  if (!view.allows(manifest.token)) return { difference: { kind: 'forced' }, isSure: true };
  const output = await view.completeness.missingOutput(manifest);
  if (output !== undefined) return { difference: { kind: 'missing-output', output }, isSure: true };
  let open: Unfit | undefined;
  for (const needed of manifest.trace) {
    const found = await checkNeed(needed, view);
    if (found?.isSure === true) return found;
    open ??= found;
  }
  return open;
}

async function checkNeed({ task, params, key, digests }: TraceRecord, view: AnswerView): Promise<Unfit | undefined> {
  const goal = { task, params };
  const label = describeGoal(goal);
  const answer = await view.needed(goal);
  switch (answer.kind) {
    case 'open':
      return { difference: { kind: 'need', goal: answer.goal, label }, isSure: false };
    case 'refused':
      return key === '' ? undefined : { difference: { kind: 'need', goal: null, label }, isSure: true };
    case 'complete': {
      const isSame = key !== '' && isSameDigests(answer.digests, digests);
      return isSame ? undefined : { difference: { kind: 'need', goal: answer.goal, label }, isSure: true };
    }
    default:
      return answer satisfies never;
  }
}
