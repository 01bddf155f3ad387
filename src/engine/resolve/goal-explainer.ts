import type { ArtifactDriver, Queryable } from '#store';
import { type Artifacts, digestsOf, type TraceRecord } from '../define/artifact.ts';
import type { Goal } from '../define/goal.ts';
import { flattenInputs, gatherInputs, type InputGroups } from '../define/inputs.ts';
import { makeKey, significantParams } from '../define/key.ts';
import { describeGoal, type PlannedGoal } from '../define/planned-goal.ts';
import type { Registry } from '../define/registry.ts';
import { messageOf } from '../define/thrown.ts';
import { readArtifacts } from '../execute/outputs.ts';
import type { Difference } from '../records/difference.ts';
import { compareKeys, type InputMaker, type KnownKey, nearestOf } from './compare.ts';
import { type Completeness, findManifests, type StoredManifest } from './completeness.ts';
import type { GoalExplanation } from './explanation.ts';
import { planGoals } from './graph.ts';
import { SourcesNow } from './pinned-now.ts';
import { newestVersions, type StoredVersion, versionsOfTask } from './stored-versions.ts';

export interface ExplainerParts {
  readonly database: Queryable;
  readonly artifacts: ArtifactDriver;
  readonly registry: Registry;
  readonly completeness: Completeness;
}

/** A goal that was looked at. */
export interface Seen {
  readonly explanation: Omit<GoalExplanation, 'staleReason' | 'result'>;
  /** When it is complete: what a run would find. */
  readonly outputs?: Artifacts;
  readonly version?: string;
  /** Input name to the goal that makes it. */
  readonly makers: ReadonlyMap<string, InputMaker>;
  /** The newest result of a goal that is not complete. */
  readonly last?: StoredVersion | undefined;
}

interface Prepared {
  readonly node: PlannedGoal;
  readonly now: KnownKey;
  readonly makers: ReadonlyMap<string, InputMaker>;
  readonly pending: ReadonlySet<string>;
  /** What keeps its key from being known, beside inputs that are to be computed. */
  readonly obstacle?: string;
}

/** Looks at goals as a run would, inputs first, and runs nothing; what was looked at once is known. */
export class GoalExplainer {
  readonly seen = new Map<string, Seen>();
  readonly #parts: ExplainerParts;
  readonly #sources: SourcesNow;

  constructor(parts: ExplainerParts) {
    this.#parts = parts;
    this.#sources = new SourcesNow(parts.database);
  }

  /** The identities of the goals, in order. Throws when one names no task or its params do not fit. */
  async look(goals: readonly Goal[]): Promise<readonly string[]> {
    const plan = planGoals(goals, { registry: this.#parts.registry, isKnown: (id) => this.seen.has(id) });
    for (const level of toLevels(plan.planned)) await this.#lookAtLevel(level);
    return plan.asked;
  }

  async #lookAtLevel(level: readonly PlannedGoal[]): Promise<void> {
    const prepared: Prepared[] = [];
    for (const node of level) prepared.push(await this.#prepare(node));
    const keys = prepared.map(({ now, pending, obstacle }) =>
      pending.size > 0 || obstacle !== undefined ? undefined : makeKey({ ...now, inputs: digestsByName(now) }),
    );
    const manifests = await findManifests(
      this.#parts.database,
      keys.filter((key) => key !== undefined),
    );
    const byKey = new Map(manifests.flatMap((found) => (found[0] === undefined ? [] : [[found[0].key, found]])));
    const open: { readonly goal: Prepared; readonly key: string | undefined; readonly found: readonly Difference[] }[] =
      [];
    for (const [index, goal] of prepared.entries()) {
      const key = keys[index];
      const found = await this.#judge(goal, byKey.get(key ?? '') ?? []);
      if ('outputs' in found) this.#keepComplete(goal, found);
      else open.push({ goal, key, found: found.differences });
    }
    const last = await newestVersions(
      this.#parts.database,
      open.map(({ goal }) => goal.node.id),
    );
    for (const { goal, key, found } of open) {
      const newest = last.get(goal.node.id);
      const differences = found.length > 0 ? found : await this.#differences(goal, newest);
      this.#keepOpen(goal, { key, differences, newest });
    }
  }

  /** What its key is made of, as far as that is known without computing anything. */
  async #prepare(node: PlannedGoal): Promise<Prepared> {
    const { registry } = this.#parts;
    const { goal } = node;
    const task = registry.task(goal.task);
    const ids = new Map(Object.entries(node.inputs));
    let obstacle: string | undefined;
    if (task.runtimeInputs !== undefined && this.#pendingOf(ids).size === 0) {
      const found = await this.#runtimeInputs(node, ids).catch(
        (error: unknown) => `its further inputs could not be told: ${messageOf(error)}`,
      );
      if (typeof found === 'string') obstacle = found;
      else for (const [name, id] of found) ids.set(name, id);
    }
    const inputs: Record<string, KnownKey['inputs'][string]> = {};
    for (const [name, id] of ids) {
      const outputs = this.seen.get(id)?.outputs;
      if (outputs !== undefined) inputs[name] = { digests: digestsOf(outputs) };
    }
    if (task.source !== undefined) {
      const pinned = await this.#sources.pinned(goal, task.source);
      if (typeof pinned === 'string') obstacle = pinned;
      else inputs.pinned = { digests: digestsOf(pinned) };
    }
    return {
      node,
      now: {
        // A renamed task keeps its keys, so they are made of what it was called first.
        ...{ task: registry.identity(goal.task), code: registry.code(goal.task), inputs },
        params: significantParams(goal.params, task.insignificant),
      },
      makers: new Map([...ids].map(([name, id]) => [name, { goal: id, label: this.#label(id) }])),
      pending: this.#pendingOf(ids),
      ...(obstacle === undefined ? {} : { obstacle }),
    };
  }

  async #runtimeInputs(node: PlannedGoal, ids: ReadonlyMap<string, string>) {
    const { registry, artifacts } = this.#parts;
    const task = registry.task(node.goal.task);
    const read: Record<string, unknown> = {};
    for (const [name, id] of ids) read[name] = await readArtifacts(this.seen.get(id)?.outputs ?? {}, artifacts);
    const groups: InputGroups = node.groups;
    // What was gathered has the types that the task declared; the registry has forgotten them.
    const values = gatherInputs(read, groups) as Parameters<NonNullable<typeof task.runtimeInputs>>[1];
    const { goals } = flattenInputs(task.name, (await task.runtimeInputs?.(node.goal.params, values)) ?? {});
    const found = await this.look(goals.map(([, goal]) => goal));
    return goals.map(([name], index) => [name, found[index] ?? ''] as const);
  }

  #pendingOf(ids: ReadonlyMap<string, string>): ReadonlySet<string> {
    return new Set([...ids].flatMap(([name, id]) => (this.seen.get(id)?.outputs === undefined ? [name] : [])));
  }

  /** The first result under the key that still holds; else why none does. */
  async #judge(
    goal: Prepared,
    manifests: readonly StoredManifest[],
  ): Promise<StoredManifest | { readonly differences: readonly Difference[] }> {
    const differences: Difference[] = [];
    for (const manifest of manifests) {
      const output = await this.#parts.completeness.missingOutput(manifest);
      if (output !== undefined) {
        differences.push({ kind: 'missing-output', output });
        continue;
      }
      // Should a trace lead back here, that is no answer.
      this.#keepOpen(goal, { key: manifest.key, differences: [], newest: undefined });
      const differing = await this.#differing(manifest.trace);
      if (differing === undefined) return manifest;
      differences.push(differing);
    }
    return { differences: differences.slice(0, 1) };
  }

  async #differing(trace: readonly TraceRecord[]): Promise<Difference | undefined> {
    for (const { task, params, key, digests } of trace) {
      const label = describeGoal({ task, params });
      try {
        const [id = ''] = await this.look([{ task, params }]);
        const outputs = this.seen.get(id)?.outputs;
        const isSame = outputs === undefined ? key === '' : key !== '' && isEqual(digestsOf(outputs), digests);
        if (!isSame) return { kind: 'need', goal: id, label };
      } catch {
        // It names a task or params that are no more: a run would be refused.
        if (key !== '') return { kind: 'need', goal: null, label };
      }
    }
    return undefined;
  }

  async #differences(goal: Prepared, newest: StoredVersion | undefined): Promise<readonly Difference[]> {
    const { node, now, makers, pending, obstacle } = goal;
    const told: readonly Difference[] = obstacle === undefined ? [] : [{ kind: 'unknown', reason: obstacle }];
    if (newest === undefined) return [{ kind: 'first' }, ...(await this.#paramsOf(node.goal)), ...told];
    const { insignificant } = this.#parts.registry.task(node.goal.task);
    const before = { ...newest, params: significantParams(newest.params, insignificant) };
    const differences = [...compareKeys({ before, after: now, makers, pending }), ...told];
    return differences.length > 0 ? differences : [{ kind: 'forgotten' }];
  }

  /** What is different from the nearest goal of the task that has a result. */
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
    const explanation = { ...toldOf(node), state: 'complete', key, differences: [] } as const;
    this.seen.set(node.id, { explanation, outputs, version, makers });
  }

  #keepOpen(
    { node, makers, pending, obstacle }: Prepared,
    found: {
      readonly key: string | undefined;
      readonly differences: readonly Difference[];
      readonly newest: StoredVersion | undefined;
    },
  ): void {
    const { key = null, differences, newest } = found;
    const isSure = key !== null || (pending.size === 0 && obstacle === undefined) || differences[0]?.kind === 'first';
    const state = isSure ? 'incomplete' : 'unknown';
    this.seen.set(node.id, { explanation: { ...toldOf(node), state, key, differences }, makers, last: newest });
  }

  #label(id: string): string {
    return this.seen.get(id)?.explanation.label ?? '';
  }
}

const toldOf = ({ id, goal }: PlannedGoal) => ({
  ...{ goal: id, label: describeGoal(goal), task: goal.task, params: goal.params },
});

const digestsByName = ({ inputs }: KnownKey) =>
  Object.fromEntries(Object.entries(inputs).map(([name, { digests }]) => [name, digests]));

function isEqual(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

/** Goals whose inputs are all in levels before, so that each level is asked in few round trips. */
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
