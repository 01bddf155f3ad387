import type { Artifacts, InputRecord } from '../define/artifact.ts';
import type { RetryClass } from '../define/errors.ts';
import { type Detail, presentInputs, recordOf } from './detail.ts';
import type { AttemptRequest } from './drive-attempt.ts';

export interface RequestOptions extends Pick<AttemptRequest, 'runId' | 'key' | 'controller' | 'need'> {
  /** A goal of the run by its id. */
  readonly detailOf: (id: string) => Detail;
}

/** What an attempt of a goal is made with: its inputs as they came, and how it reaches back into its run. */
export function toAttemptRequest(detail: Detail, options: RequestOptions): AttemptRequest {
  const { detailOf, runId, key, controller, need } = options;
  const inputArtifacts: Record<string, Artifacts> = {};
  const inputs: Record<string, InputRecord> = {};
  for (const [name, input] of presentInputs(detail, detailOf)) {
    inputArtifacts[name] = input.outputs ?? {};
    inputs[name] = recordOf(input);
  }
  if (detail.pinned !== undefined) {
    inputArtifacts.pinned = detail.pinned.artifacts;
    inputs.pinned = detail.pinned.record;
  }
  const node = detail.node();
  // Written out: taking the rest of the options apart cost more than all else here.
  return {
    runId,
    key,
    controller,
    need,
    id: detail.planned.id,
    goal: detail.planned.goal,
    number: detail.attempts + 1,
    seenToken: detail.seenToken,
    unanswered: detail.unanswered,
    inputs,
    inputArtifacts,
    groups: detail.groups,
    isRetried: (retryClass: RetryClass) => retryClass === 'infrastructure' && node.failures + 1 < node.attemptsMax,
    makerOf: (digest) =>
      [...Object.values(detail.inputs), ...(detail.needed ?? [])].find((id) =>
        Object.values(detailOf(id).outputs ?? {}).some((artifact) => artifact.digest === digest),
      ),
  };
}
