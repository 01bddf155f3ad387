import type { ArtifactDriver } from '#store';
import type { Artifacts, TraceRecord } from '../define/artifact.ts';
import { EngineError } from '../define/errors.ts';
import { classifyError, reasonOf } from '../define/failure.ts';
import type { Goal } from '../define/goal.ts';
import { describeGoal, type PlannedGoal } from '../define/planned-goal.ts';
import type { Registry } from '../define/registry.ts';
import { limitError, type RunLimits, TAIL_LENGTH } from '../define/run-limits.ts';
import { isInstance } from '../define/thrown.ts';
import type { NeedAnswer } from '../execute/executor.ts';
import type { NeedStanding } from '../resolve/find-answer.ts';
import { type GoalPlan, planGoals } from '../resolve/graph.ts';
import { findRuntimeInputs } from '../resolve/runtime-inputs.ts';
import { type Detail, presentInputs, recordOf } from './detail.ts';
import type { InFlight } from './in-flight.ts';
import type { Ledger } from './ledger.ts';
import type { Command, RunEvent, RunMachine } from './machine.ts';
import { describeCycle, labelOf } from './node.ts';
import type { WaitGraph } from './wait-graph.ts';

export interface NeedServices {
  readonly registry: Registry;
  readonly artifacts: ArtifactDriver;
  readonly ledger: Ledger;
  readonly inFlight: InFlight;
  readonly waits: WaitGraph;
  readonly limits: RunLimits;
}

/** The run whose graph grows. */
export interface NeedsHost {
  readonly id: string;
  readonly machine: RunMachine;
  readonly details: ReadonlyMap<string, Detail>;
  isReleased(): boolean;
  /** Creates the details of goals that one of its goals found, and adds them to the machine. */
  grow(planned: readonly PlannedGoal[], foundBy: Detail): void;
  apply(event: RunEvent): void;
}

export interface Needed {
  readonly answer: NeedAnswer;
  readonly record: TraceRecord | undefined;
}

const PARKED: Needed = { answer: { kind: 'parked' }, record: undefined };

/** Needs that a run finds while it runs: from inputs that were read, from attempts, from traces of earlier results. */
export class Needs {
  readonly #host: NeedsHost;
  readonly #services: NeedServices;
  /** Which goal waits for which other, and the callback. */
  readonly #answers = new Map<string, Map<string, ((answer: NeedAnswer) => void)[]>>();
  /** Goals whose claim another run or process holds. */
  readonly #held = new Set<string>();

  constructor(host: NeedsHost, services: NeedServices) {
    this.#host = host;
    this.#services = services;
  }

  /** Completes a goal for an attempt, or to verify a trace. */
  async need(by: Detail, goal: Goal): Promise<Needed> {
    const host = this.#host;
    const { suspension } = by;
    if (suspension?.isParked === true) return PARKED;
    let plan: GoalPlan;
    try {
      plan = this.#plan(by, [goal]);
    } catch (error) {
      return refused(reasonOf(error), isInstance(error, EngineError) && error.code === 'run_limit');
    }
    const [id] = plan.asked;
    if (host.isReleased() || id === undefined) return refused(`Run ${host.id} has stopped.`);
    if (plan.planned.length > 0) await this.#grow(by, plan);
    // The attempt ended while the graph grew: nothing waits any more.
    if (by.suspension !== suspension) return PARKED;
    suspension?.begin();
    const answer = await this.#ask(by, id);
    if (answer.kind !== 'parked') await suspension?.end();
    if (suspension !== undefined) by.needed = (by.needed ?? new Set()).add(id);
    const detail = this.#detail(id);
    const { task, params } = detail.planned.goal;
    // A task may continue without what was refused; its result then counts only while it would be refused again.
    if (answer.kind !== 'complete') return { answer, record: { task, params, key: '', digests: {} } };
    return { answer, record: { ...recordOf(detail), params } };
  }

  /** Requests again what an earlier result needed at runtime, and computes it if necessary. */
  async standingOf(detail: Detail, goal: Goal): Promise<NeedStanding> {
    const { record } = await this.need(detail, goal);
    if (record === undefined || record.key === '') return { kind: 'refused' };
    return { kind: 'complete', digests: record.digests, goal: null };
  }

  /** Reads the complete inputs, and adds the further goals that the task reads because of them. */
  async expand(detail: Detail): Promise<void> {
    const host = this.#host;
    const { id } = detail.planned;
    try {
      const flat = await this.#runtimeInputs(detail);
      const plan = this.#plan(
        detail,
        flat.goals.map(([, goal]) => goal),
      );
      if (host.isReleased()) return;
      await this.#grow(detail, { ...plan, needs: [...new Set(plan.asked)] });
      const found = flat.goals.map(([name], index) => [name, plan.asked[index] ?? ''] as const);
      detail.inputs = { ...detail.inputs, ...Object.fromEntries(found) };
      detail.groups = { ...detail.groups, ...flat.groups };
      host.apply({ kind: 'expanded', id, needs: plan.asked });
      this.#linkUnder(id);
    } catch (error) {
      host.apply({ kind: 'failed', id, class: classifyError(error), reason: reasonOf(error) });
    }
  }

  answer(command: { readonly id: string; readonly by: string }): void {
    this.#tell(command, answerOf(this.#detail(command.id)));
  }

  refuse(command: Extract<Command, { kind: 'refuse' }>): void {
    this.#tell(command, { kind: 'refused', reason: describeCycle(command.cycle), isError: true });
  }

  /** The answer needs an execution: the attempt releases its slot, or ends when too many have done so. */
  suspend(by: Detail): void {
    if (by.suspension === undefined || by.suspension.isParked) return;
    if (by.suspension.suspend()) return;
    const { id } = by.planned;
    for (const needed of [...(this.#answers.get(id)?.keys() ?? [])]) this.#tell({ id: needed, by: id }, PARKED.answer);
  }

  /** Another run or process holds the claim of a goal. */
  held(detail: Detail): void {
    this.#held.add(detail.planned.id);
    this.#link(detail.planned.id);
  }

  /** This run no longer waits for that claim. */
  freed(detail: Detail): void {
    if (this.#held.delete(detail.planned.id) && detail.key !== undefined)
      this.#services.waits.remove({ runId: this.#host.id, needed: detail.key });
  }

  /** An attempt is over: its waits are removed. */
  attemptEnded(detail: Detail): readonly string[] {
    detail.suspension?.finish();
    detail.suspension = undefined;
    this.#answers.delete(detail.planned.id);
    if (detail.key !== undefined) this.#services.waits.remove({ runId: this.#host.id, waiter: detail.key });
    const needed = [...(detail.needed ?? [])];
    detail.needed = undefined;
    return needed;
  }

  close(reason: string): void {
    const answer = { kind: 'refused', reason, isError: true } as const;
    for (const [by, waiting] of this.#answers) for (const id of [...waiting.keys()]) this.#tell({ id, by }, answer);
    for (const id of this.#held) this.freed(this.#detail(id));
  }

  #plan(by: Detail, goals: readonly Goal[]): GoalPlan {
    const { registry, limits } = this.#services;
    const { details } = this.#host;
    const plan = planGoals(goals, {
      ...{ registry, limits, knownCount: details.size },
      isKnown: (id) => details.has(id),
    });
    const first = plan.planned.at(-1);
    if (first !== undefined && (by.foundDepth ?? 0) >= limits.foundDepth)
      throw limitError('foundDepth', { limits, tail: [...tailOf(by), describeGoal(first.goal)] });
    return plan;
  }

  /** `needs`: all that the goal found, once it is complete. */
  async #grow(
    by: Detail,
    growth: { readonly planned: readonly PlannedGoal[]; readonly needs?: readonly string[] },
  ): Promise<void> {
    const { details, id: runId } = this.#host;
    const { planned, needs } = growth;
    const found = needs === undefined ? undefined : { goal: by.planned.id, needs };
    await this.#services.ledger.grow({ runId, planned, by: found });
    this.#host.grow(
      planned.filter(({ id }) => !details.has(id)),
      by,
    );
  }

  #ask(by: Detail, id: string): Promise<NeedAnswer> {
    return new Promise((resolve) => {
      const waiting = this.#answers.get(by.planned.id) ?? new Map<string, ((answer: NeedAnswer) => void)[]>();
      this.#answers.set(by.planned.id, waiting);
      waiting.set(id, [...(waiting.get(id) ?? []), resolve]);
      this.#host.apply({ kind: 'needed', id, by: by.planned.id });
      this.#linkUnder(id);
    });
  }

  #tell(command: { readonly id: string; readonly by: string }, answer: NeedAnswer): void {
    const waiting = this.#answers.get(command.by);
    const resolvers = waiting?.get(command.id) ?? [];
    waiting?.delete(command.id);
    if (waiting?.size === 0) this.#answers.delete(command.by);
    for (const resolve of resolvers) resolve(answer);
  }

  /** The further inputs of a task, once the declared ones are read. */
  async #runtimeInputs(detail: Detail) {
    const { registry, artifacts } = this.#services;
    const { goal } = detail.planned;
    const inputs: Record<string, Artifacts> = {};
    for (const [name, { outputs = {} }] of presentInputs(detail, (id) => this.#detail(id))) inputs[name] = outputs;
    const { groups } = detail;
    const given = { goal, names: Object.keys(detail.inputs), inputs, groups, artifacts };
    const flat = await findRuntimeInputs(registry.task(goal.task), given);
    return {
      groups: flat.groups,
      goals: flat.goals.map(([name, found]) => [name, registry.validGoal(found)] as const),
    };
  }

  /** Attempts that wait for claims of others are added to the wait graph of all runs. */
  #linkUnder(id: string): void {
    if (this.#held.size === 0) return;
    for (const held of this.#host.machine.heldUnder(id)) this.#link(held);
  }

  #link(held: string): void {
    const { inFlight, waits } = this.#services;
    const needed = this.#detail(held).key;
    if (needed === undefined) return;
    for (const id of this.#host.machine.suspendedFor(held)) {
      const by = this.#detail(id);
      const token = inFlight.token(by.key ?? '');
      if (by.key === undefined || token === undefined || by.key === needed) continue;
      const entangled = (cycle: readonly string[]): void => this.#host.apply({ kind: 'entangled', id, cycle });
      waits.add({ runId: this.#host.id, waiter: by.key, token, needed, label: labelOf(by.node()), entangled });
    }
  }

  #detail(id: string): Detail {
    const detail = this.#host.details.get(id);
    if (detail === undefined) throw new Error(`Run ${this.#host.id} has no goal ${id}.`);
    return detail;
  }
}

function answerOf(detail: Detail): NeedAnswer {
  const { reason, state, cause } = detail.node();
  if (cause === undefined) return { kind: 'complete', artifacts: detail.outputs ?? {} };
  const ended = state === 'cancelled' ? 'was cancelled' : state === 'skipped' ? 'was skipped' : 'failed';
  return {
    kind: 'refused',
    reason: `${labelOf(detail.node())}, which it needs, ${ended}: ${reason ?? ''}`,
    isError: false,
    cause,
  };
}

function refused(reason: string, isLimit = false): Needed {
  return { answer: { kind: 'refused', reason, isError: true, isLimit }, record: undefined };
}

/** The tail of the chain of goals that found each other, up to this one. */
function tailOf(found: Detail): readonly string[] {
  const tail: string[] = [];
  for (let at: Detail | undefined = found; at !== undefined && tail.length < TAIL_LENGTH - 1; at = at.foundBy)
    tail.unshift(describeGoal(at.planned.goal));
  return tail;
}
