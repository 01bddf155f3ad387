import type { ArtifactDriver, Queryable } from '#store';
import { type Artifacts, digestsOf, type InputRecord } from '../define/artifact.ts';
import type { Goal } from '../define/goal.ts';
import { significantParams } from '../define/key.ts';
import { describeGoal, type PlannedGoal } from '../define/planned-goal.ts';
import type { Registry } from '../define/registry.ts';
import { type Cause, effectOf, isWorse } from '../define/states.ts';
import { messageOf } from '../define/thrown.ts';
import type { Difference } from '../records/difference.ts';
import { findSkips, type Skip } from '../records/find-skips.ts';
import { compareKeys, type InputMaker, nearestOf } from './compare.ts';
import { type Completeness, findManifests, type StoredManifest } from './completeness.ts';
import type { GoalExplanation } from './explanation.ts';
import { type Answer, findAnswer, type NeedStanding } from './find-answer.ts';
import { type InputDigests, keyOfGoal } from './goal-key.ts';
import { planGoals } from './graph.ts';
import { PresentSources } from './present-sources.ts';
import { findRuntimeInputs } from './runtime-inputs.ts';
import { newestVersions, type StoredVersion, versionsOfTask } from './stored-versions.ts';

export interface ResolverParts {
  readonly database: Queryable;
  readonly artifacts: ArtifactDriver;
  readonly registry: Registry;
  readonly completeness: Completeness;
}

/** The state of a goal with the present code and sources. */
export interface Resolved {
  readonly explanation: Omit<GoalExplanation, 'staleReason' | 'result'>;
  /** When it is complete: the result that a run would find. */
  readonly outputs?: Artifacts;
  readonly version?: string;
  /** When it has no outputs: the cause, as seen by the goals that need it. */
  readonly cause?: Cause;
  /** Input name to the goal that makes it. */
  readonly makers: ReadonlyMap<string, InputMaker>;
  /** The newest result of a goal that is not complete. */
  readonly last?: StoredVersion | undefined;
}

/** Whether a run would compute nothing for it: it is complete, or skipped under the same key as before. */
export const isSettled = ({ outputs, cause }: Resolved): boolean => outputs !== undefined || cause !== undefined;

interface Prepared {
  readonly node: PlannedGoal;
  readonly inputs: InputDigests;
  readonly makers: ReadonlyMap<string, InputMaker>;
  /** Inputs that are to be computed first. */
  readonly pending: ReadonlySet<string>;
  /** Every goal that it names, whether it has outputs or not. */
  readonly needs: readonly string[];
  /** What else keeps its key from being known. */
  readonly unknownBecause?: string | undefined;
  /** All its needs have ended, and its rule does not let it run. */
  readonly skipped?: { readonly cause: Cause; readonly reason: string } | undefined;
  readonly key?: string | undefined;
}

/**
 * Resolves goals to their key, state, outputs and differences. It visits them as a run does, inputs first, with the
 * same keys and rules, and computes nothing. Each goal is resolved once and then cached.
 */
export class Resolver {
  readonly resolved = new Map<string, Resolved>();
  readonly #parts: ResolverParts;
  readonly #sources: PresentSources;

  constructor(parts: ResolverParts) {
    this.#parts = parts;
    this.#sources = new PresentSources(parts);
  }

  /** The identities of the goals, in order. Throws when one names no task or its params do not fit. */
  async resolve(goals: readonly Goal[]): Promise<readonly string[]> {
    const plan = planGoals(goals, { registry: this.#parts.registry, isKnown: (id) => this.resolved.has(id) });
    for (const level of toLevels(plan.planned)) await this.#resolveLevel(level);
    return plan.asked;
  }

  async #resolveLevel(level: readonly PlannedGoal[]): Promise<void> {
    const prepared: Prepared[] = [];
    for (const node of level) prepared.push(await this.#prepare(node));
    const keys = prepared.flatMap(({ key }) => key ?? []);
    const manifests = await findManifests(this.#parts.database, keys);
    const byKey = new Map(keys.map((key, index) => [key, manifests[index] ?? []]));
    const skips = await findSkips(
      this.#parts.database,
      keys.filter((key) => byKey.get(key)?.length === 0),
    );
    const open: { readonly goal: Prepared; readonly answer: Answer }[] = [];
    for (const goal of prepared) {
      const answer = await this.#answer(goal, byKey.get(goal.key ?? '') ?? []);
      const skipped = goal.skipped ?? (await this.#ownSkip(goal, skips.get(goal.key ?? '')));
      if (answer.kind === 'found') this.#keepComplete(goal, answer.manifest);
      else if (skipped !== undefined) this.#keepSkipped(goal, skipped);
      else open.push({ goal, answer });
    }
    const last = await newestVersions(
      this.#parts.database,
      open.map(({ goal }) => goal.node.id),
    );
    for (const { goal, answer } of open) {
      const newest = last.get(goal.node.id);
      const { difference = undefined, isSure = true } = answer.kind === 'none' ? answer : {};
      const differences = difference === undefined ? await this.#differences(goal, newest) : [difference];
      this.#keepOpen(goal, { differences, newest, isSure });
    }
  }

  /** The parts of its key, as far as they are known without computing anything. */
  async #prepare(node: PlannedGoal): Promise<Prepared> {
    const { registry } = this.#parts;
    const { goal } = node;
    const task = registry.task(goal.task);
    const ids = new Map(Object.entries(node.inputs));
    let skipped = this.#skipOf(node, ids.values());
    let unknownBecause: string | undefined;
    if (task.runtimeInputs !== undefined && skipped === undefined && this.#pendingOf(ids).size === 0) {
      const found = await this.#runtimeInputs(node, ids).catch(
        (error: unknown) => `its further inputs could not be found: ${messageOf(error)}`,
      );
      if (typeof found === 'string') unknownBecause = found;
      else for (const [name, id] of found) ids.set(name, id);
      skipped = this.#skipOf(node, ids.values());
    }
    const inputs: Record<string, InputRecord['digests']> = {};
    for (const [name, id] of ids) {
      const outputs = this.resolved.get(id)?.outputs;
      if (outputs !== undefined) inputs[name] = digestsOf(outputs);
    }
    if (task.source !== undefined) {
      const listed = await this.#sources.listed(goal, task.source);
      if (typeof listed === 'string') unknownBecause = listed;
      else inputs.pinned = listed.record.digests;
    }
    const pending = this.#pendingOf(ids);
    const isKnown = pending.size === 0 && unknownBecause === undefined && skipped === undefined;
    const key = isKnown ? keyOfGoal(goal, inputs, registry) : undefined;
    const made = [...ids].filter(([, id]) => this.resolved.get(id)?.cause === undefined);
    return {
      ...{ node, inputs, pending, unknownBecause, key, needs: [...ids.values()] },
      // It waits while one of its needs has not ended.
      skipped: pending.size === 0 ? skipped : undefined,
      makers: new Map(made.map(([name, id]) => [name, { goal: id, label: this.#label(id) }])),
    };
  }

  /** The worst cause that keeps it from running, by its rule and the ends of its needs. */
  #skipOf({ goal }: PlannedGoal, needs: Iterable<string>): Prepared['skipped'] {
    const { runsWhen } = this.#parts.registry.task(goal.task);
    let worst: Prepared['skipped'];
    for (const id of needs) {
      const { cause, explanation } = this.resolved.get(id) ?? {};
      if (cause === undefined || effectOf(runsWhen, cause) !== 'skipped' || !isWorse(cause, worst?.cause)) continue;
      worst = { cause, reason: `${explanation?.label ?? ''}, which it needs, was skipped` };
    }
    return worst;
  }

  async #runtimeInputs(node: PlannedGoal, ids: ReadonlyMap<string, string>) {
    const { registry, artifacts } = this.#parts;
    const inputs: Record<string, Artifacts> = {};
    for (const [name, id] of ids) {
      const outputs = this.resolved.get(id)?.outputs;
      if (outputs !== undefined) inputs[name] = outputs;
    }
    const { goal, groups } = node;
    const given = { goal, names: [...ids.keys()], inputs, groups, artifacts };
    const { goals } = await findRuntimeInputs(registry.task(goal.task), given);
    const found = await this.resolve(goals.map(([, further]) => further));
    return goals.map(([name], index) => [name, found[index] ?? ''] as const);
  }

  #pendingOf(ids: ReadonlyMap<string, string>): ReadonlySet<string> {
    const isOpen = (id: string): boolean => {
      const found = this.resolved.get(id);
      return found === undefined || !isSettled(found);
    };
    return new Set([...ids].flatMap(([name, id]) => (isOpen(id) ? [name] : [])));
  }

  async #answer(goal: Prepared, manifests: readonly StoredManifest[]): Promise<Answer> {
    if (manifests.length === 0) return { kind: 'none', difference: undefined, isSure: true };
    // A trace that leads back here is no answer.
    this.#keepOpen(goal, { differences: [], newest: undefined, isSure: false });
    return findAnswer(manifests, {
      completeness: this.#parts.completeness,
      allows: () => true,
      needed: (needed) => this.#needed(needed),
    });
  }

  async #needed(goal: Goal): Promise<NeedStanding> {
    let id: string;
    try {
      [id = ''] = await this.resolve([goal]);
    } catch {
      // It names a task or params that no longer exist: a run would be refused.
      return { kind: 'refused' };
    }
    const found = this.resolved.get(id);
    if (found?.outputs !== undefined) return { kind: 'complete', digests: digestsOf(found.outputs), goal: id };
    return found?.cause === undefined ? { kind: 'open', goal: id } : { kind: 'refused' };
  }

  /**
   * A task that requested further goals before it skipped may get other answers now: these goals must be in the same
   * state as then.
   */
  async #ownSkip({ node, needs }: Prepared, skip: Skip | undefined): Promise<Prepared['skipped']> {
    if (skip === undefined) return undefined;
    for (const { goal, task, params, version } of skip.needs) {
      if (needs.includes(goal) || goal === node.id) continue;
      const standing = await this.#needed({ task, params });
      const isSame = version === null ? standing.kind === 'refused' : this.resolved.get(goal)?.version === version;
      if (!isSame) return undefined;
    }
    return { cause: 'skipped', reason: `run ${skip.runId} skipped it: ${skip.reason}` };
  }

  async #differences(goal: Prepared, newest: StoredVersion | undefined): Promise<readonly Difference[]> {
    const { node, inputs, makers, pending, unknownBecause } = goal;
    const { registry } = this.#parts;
    const unknown: readonly Difference[] =
      unknownBecause === undefined ? [] : [{ kind: 'unknown', reason: unknownBecause }];
    if (newest === undefined) return [{ kind: 'first' }, ...(await this.#paramsOf(node.goal)), ...unknown];
    const { task, params } = node.goal;
    const { insignificant } = registry.task(task);
    const present = {
      ...{ task: registry.identity(task), code: registry.code(task) },
      params: significantParams(params, insignificant),
      inputs: Object.fromEntries(Object.entries(inputs).map(([name, digests]) => [name, { digests }])),
    };
    const before = { ...newest, params: significantParams(newest.params, insignificant) };
    const differences = [...compareKeys({ before, after: present, makers, pending }), ...unknown];
    return differences.length > 0 ? differences : [{ kind: 'forgotten' }];
  }

  /** The differences to the nearest goal of the task that has a result. */
  async #paramsOf({ task: name, params }: Goal): Promise<readonly Difference[]> {
    const { insignificant } = this.#parts.registry.task(name);
    const own = significantParams(params, insignificant);
    const others = (await versionsOfTask(this.#parts.database, name)).map((other) => ({
      params: significantParams(other.params, insignificant),
    }));
    const nearest = nearestOf(own, others);
    if (nearest === undefined) return [];
    const side = { task: name, code: '', inputs: {} };
    const sides = { before: { ...side, ...nearest }, after: { ...side, params: own } };
    return compareKeys({ ...sides, makers: new Map(), pending: new Set() });
  }

  #keepComplete({ node, makers }: Prepared, manifest: StoredManifest): void {
    const { key, outputs, version } = manifest;
    const explanation = { ...aboutOf(node), state: 'complete', key, differences: [] } as const;
    this.resolved.set(node.id, { explanation, outputs, version, makers });
  }

  #keepSkipped({ node, makers, key }: Prepared, skipped: NonNullable<Prepared['skipped']>): void {
    const differences = [{ kind: 'skipped', reason: skipped.reason }] as const;
    const explanation = { ...aboutOf(node), state: 'skipped', key: key ?? null, differences } as const;
    this.resolved.set(node.id, { explanation, cause: skipped.cause, makers });
  }

  #keepOpen(
    { node, makers, key, pending, unknownBecause }: Prepared,
    found: {
      readonly differences: readonly Difference[];
      readonly newest: StoredVersion | undefined;
      readonly isSure: boolean;
    },
  ): void {
    const { differences, newest } = found;
    const isFirst = differences[0]?.kind === 'first';
    const isSure = found.isSure && (isFirst || (pending.size === 0 && unknownBecause === undefined));
    const state = isSure ? 'incomplete' : 'unknown';
    const explanation = { ...aboutOf(node), state, key: key ?? null, differences } as const;
    this.resolved.set(node.id, { explanation, makers, last: newest });
  }

  #label(id: string): string {
    return this.resolved.get(id)?.explanation.label ?? '';
  }
}

const aboutOf = ({ id, goal }: PlannedGoal) => ({
  ...{ goal: id, label: describeGoal(goal), task: goal.task, params: goal.params },
});

/** Levels of goals whose inputs are all in earlier levels, so that each level takes few round trips. */
function toLevels(planned: readonly PlannedGoal[]): readonly (readonly PlannedGoal[])[] {
  const depths = new Map<string, number>();
  const levels: PlannedGoal[][] = [];
  for (const node of planned) {
    let depth = 0;
    for (const need of node.needs) depth = Math.max(depth, (depths.get(need) ?? -1) + 1);
    depths.set(node.id, depth);
    const level = levels[depth];
    if (level === undefined) levels[depth] = [node];
    else level.push(node);
  }
  return levels;
}
