import type { Goal } from '../define/goal.ts';
import { describeGoal } from '../define/planned-goal.ts';
import { type Cause, effectOf, isWorse, type TaskRunState } from '../define/states.ts';
import type { RunsWhen } from '../define/task.ts';

export type Phase = 'blocked' | 'expanding' | 'resolving' | 'ready' | 'running' | 'waiting' | 'parked' | 'ended';

export interface NodeEnd {
  readonly state: TaskRunState;
  readonly reason: string | undefined;
  /** Absent exactly when there are outputs. */
  readonly cause: Cause | undefined;
}

export interface NewNode {
  readonly id: string;
  readonly goal: Goal;
  readonly needs: readonly string[];
  readonly attemptsMax: number;
  readonly runsWhen?: RunsWhen | undefined;
  /** Its inputs, once read, decide what else it needs. */
  readonly isExpandable?: boolean;
  /** Its state is known from before a crash. */
  readonly failures?: number;
  readonly losses?: number;
  readonly ended?:
    | { readonly state: Cause; readonly reason: string; readonly cause?: Cause | undefined }
    /** It was found complete when the run was planned. */
    | { readonly state: 'cached'; readonly reason?: undefined; readonly cause?: undefined }
    | undefined;
}

export interface Node {
  readonly id: string;
  readonly goal: Goal;
  needs: readonly string[];
  readonly attemptsMax: number;
  readonly runsWhen: RunsWhen;
  dependents: string[];
  /** The goals that wait for it at runtime; absent for nearly all. */
  waiters: Set<string> | undefined;
  waitsFor: Set<string> | undefined;
  isExpandable: boolean;
  openNeeds: number;
  /** The worst of the causes that keep it from running. */
  obstacle: { readonly cause: Cause; readonly reason: string } | undefined;
  /** It waits for a claim that another run or process holds. */
  isHeld: boolean;
  phase: Phase;
  state: TaskRunState;
  reason: string | undefined;
  cause: Cause | undefined;
  failures: number;
  losses: number;
}

// Shared by all nodes that have none; it is replaced, never added to.
const NO_DEPENDENTS: string[] = [];
/** The length from which a list of dependents grows in place. */
const DEPENDENTS_MANY = 4;

/** A growing array makes room for seventeen at once, and most goals have one or two dependents. */
export function addDependent(need: Node, id: string): void {
  if (need.dependents.length < DEPENDENTS_MANY) need.dependents = [...need.dependents, id];
  else need.dependents.push(id);
}

/** A new node, whose needs are not attached yet. */
export function createNode(given: NewNode): Node {
  const { ended } = given;
  // Written out: object spread took four times as long, and a plan has a node for each goal.
  return {
    id: given.id,
    goal: given.goal,
    needs: given.needs,
    attemptsMax: given.attemptsMax,
    runsWhen: given.runsWhen ?? 'all-succeeded',
    dependents: NO_DEPENDENTS,
    waiters: undefined,
    waitsFor: undefined,
    isExpandable: given.isExpandable ?? false,
    openNeeds: 0,
    obstacle: undefined,
    isHeld: false,
    phase: ended === undefined ? 'blocked' : 'ended',
    state: ended?.state ?? 'queued',
    reason: ended?.reason,
    cause: ended === undefined ? undefined : (ended.cause ?? causeOf(ended.state)),
    failures: given.failures ?? 0,
    losses: given.losses ?? 0,
  };
}

/** Its readable name. Created on demand: most nodes never need one. */
export const labelOf = (node: Pick<Node, 'goal'>): string => describeGoal(node.goal);

/** A cycle of goals in readable form. */
export const describeCycle = (labels: readonly string[]): string =>
  `Goals need one another in a cycle: ${labels.join(' → ')}. Break the cycle in their inputs or needs.`;

/** The cause that a state without outputs is for its dependents. */
export const causeOf = (state: TaskRunState): Cause | undefined =>
  state === 'failed' || state === 'cancelled' || state === 'skipped' ? state : undefined;

/** Notes the end of a need when it keeps the node from running. */
export function meetObstacle(node: Node, ended: Node): void {
  const { cause } = ended;
  if (cause === undefined || effectOf(node.runsWhen, cause) !== 'skipped') return;
  if (isWorse(cause, node.obstacle?.cause)) node.obstacle = { cause, reason: reasonOf(ended) };
}

function reasonOf(broken: Node): string {
  // A chain of skips names its first cause, not each link.
  if (broken.state === 'skipped') return broken.reason ?? `${labelOf(broken)} was skipped`;
  return `${labelOf(broken)}, which it needs, ${broken.state === 'failed' ? 'failed' : 'was cancelled'}`;
}
