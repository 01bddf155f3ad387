import { type Artifacts, digestsOf, type InputRecord } from '../define/artifact.ts';
import type { RetryClass } from '../define/errors.ts';
import type { InputGroups } from '../define/inputs.ts';
import type { PlannedGoal } from '../define/planned-goal.ts';
import type { Registry } from '../define/registry.ts';
import type { Difference } from '../records/difference.ts';
import { keyOfGoal } from '../resolve/goal-key.ts';
import type { ListedInput } from '../resolve/source-input.ts';
import type { Suspects } from './batch-queue.ts';
import type { AttemptRequest } from './drive-attempt.ts';
import type { Node } from './node.ts';
import type { Rank } from './pool-gate.ts';
import type { Suspension } from './slots.ts';

/** What the driver knows of a goal in addition to the machine's node. */
export class Detail {
  readonly planned: PlannedGoal;
  readonly #nodes: ReadonlyMap<string, Node>;
  /** Input name to goal: those of the plan, and those its runtime inputs found. */
  inputs: { readonly [name: string]: string };
  groups: InputGroups;
  attempts = 0;
  declare key?: string;
  seenToken = '0';
  /** Why no result under its key could be used. */
  declare unanswered?: Difference;
  declare outputs?: Artifacts;
  /** The version that was found complete. */
  declare version?: string;
  declare listed?: ListedInput;
  declare rank?: Rank;
  /** The goals it is retried with, when a batch ended without an outcome for it. */
  declare suspects?: Suspects | undefined;
  declare controller?: AbortController | undefined;
  /** The waits for needs of its running attempt. */
  declare suspension?: Suspension | undefined;
  /** The goal whose need or runtime inputs found it; absent when it was planned. */
  declare foundBy?: Detail;
  /** How many goals in a row were found, each by the one before, up to this one. */
  declare foundDepth?: number;
  /** Goals its attempts needed, for the run's graph. */
  declare needed?: Set<string> | undefined;

  constructor(planned: PlannedGoal, nodes: ReadonlyMap<string, Node>) {
    this.planned = planned;
    this.#nodes = nodes;
    this.inputs = planned.inputs;
    this.groups = planned.groups;
  }

  /** Its node in the machine: all goals of a plan are added at once. */
  node(): Node {
    return this.#nodes.get(this.planned.id) as Node;
  }
}

/** Key of its result, once all it reads has ended. */
export function keyOf(detail: Detail, from: { readonly registry: Registry; detailOf(id: string): Detail }): string {
  const inputs: Record<string, InputRecord['digests']> = {};
  for (const [name, { outputs = {} }] of presentInputs(detail, from.detailOf)) inputs[name] = digestsOf(outputs);
  if (detail.listed !== undefined) inputs.pinned = detail.listed.record.digests;
  return keyOfGoal(detail.planned.goal, inputs, from.registry);
}

/** What enters the keys, manifests and traces of the goals that read this one. */
export function recordOf(detail: Detail): InputRecord {
  return { task: detail.planned.goal.task, key: detail.key ?? '', digests: digestsOf(detail.outputs ?? {}) };
}

/** Its inputs that have outputs; under most rules all of them. */
export function presentInputs(
  detail: Detail,
  detailOf: (id: string) => Detail,
): readonly (readonly [name: string, input: Detail])[] {
  const present: [string, Detail][] = [];
  for (const [name, id] of Object.entries(detail.inputs)) {
    const input = detailOf(id);
    if (input.outputs !== undefined) present.push([name, input]);
  }
  return present;
}

export interface RequestOptions extends Pick<AttemptRequest, 'runId' | 'key' | 'controller' | 'need' | 'trace'> {
  /** A goal of the run by its id. */
  readonly detailOf: (id: string) => Detail;
}

/** What an attempt of a goal is given: its inputs, and its callbacks into the run. */
export function toAttemptRequest(detail: Detail, options: RequestOptions): AttemptRequest {
  const { detailOf, runId, key, controller, need, trace } = options;
  const inputArtifacts: Record<string, Artifacts> = {};
  const inputs: Record<string, InputRecord> = {};
  for (const [name, input] of presentInputs(detail, detailOf)) {
    inputArtifacts[name] = input.outputs ?? {};
    inputs[name] = recordOf(input);
  }
  if (detail.listed !== undefined) {
    inputArtifacts.pinned = detail.listed.artifacts;
    inputs.pinned = detail.listed.record;
  }
  const node = detail.node();
  // Written out, because a rest pattern cost more than everything else here.
  return {
    runId,
    key,
    controller,
    need,
    trace,
    id: detail.planned.id,
    goal: detail.planned.goal,
    number: detail.attempts + 1,
    priority: detail.rank?.priority,
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
