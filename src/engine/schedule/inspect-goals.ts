import type { Queryable } from '#store';
import { type Artifacts, digestsOf, type TraceRecord } from '../artifact.ts';
import { type Completeness, findManifests, type StoredManifest } from '../completeness.ts';
import type { Goal } from '../goal.ts';
import { describeGoal, type PlannedGoal, planGoals } from '../graph.ts';
import { makeKey, significantParams } from '../key.ts';
import type { Registry } from '../registry.ts';

/** How a goal stands: what a run would find, as far as that can be told without running anything. */
export type GoalStatus =
  | { readonly kind: 'complete'; readonly outputs: Artifacts }
  | { readonly kind: 'incomplete' | 'unknown'; readonly reason: string };

export interface Inspector {
  /** One status for each goal, and its identity; throws when a goal names no task or its params do not fit. */
  inspect(goals: readonly Goal[]): Promise<readonly { readonly id: string; readonly status: GoalStatus }[]>;
}

export interface InspectorParts {
  readonly database: Queryable;
  readonly registry: Registry;
  readonly completeness: Completeness;
}

/** Asks outputs, as a run would, bottom up; what one question found is known to the next. Reads only. */
export function createInspector(parts: InspectorParts): Inspector {
  return new GoalInspector(parts);
}

const KEYS_MAX = 5_000;

class GoalInspector implements Inspector {
  readonly #parts: InspectorParts;
  readonly #known = new Map<string, GoalStatus>();

  constructor(parts: InspectorParts) {
    this.#parts = parts;
  }

  async inspect(goals: readonly Goal[]): Promise<readonly { readonly id: string; readonly status: GoalStatus }[]> {
    const plan = planGoals(goals, { registry: this.#parts.registry, isKnown: (id) => this.#known.has(id) });
    for (const level of this.#levels(plan.planned)) await this.#inspectLevel(level);
    return plan.ids.map((id) => ({ id, status: this.#status(id) }));
  }

  #status(id: string): GoalStatus {
    return this.#known.get(id) ?? { kind: 'unknown', reason: 'It was not looked at.' };
  }

  /** Goals whose inputs are all in levels before, so that each level is asked in few round trips. */
  #levels(planned: readonly PlannedGoal[]): readonly (readonly PlannedGoal[])[] {
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

  async #inspectLevel(level: readonly PlannedGoal[]): Promise<void> {
    const keyed: { readonly node: PlannedGoal; readonly key: string }[] = [];
    for (const node of level) {
      const verdict = this.#key(node);
      if (typeof verdict === 'string') keyed.push({ node, key: verdict });
      else this.#known.set(node.id, verdict);
    }
    for (let from = 0; from < keyed.length; from += KEYS_MAX) {
      const part = keyed.slice(from, from + KEYS_MAX);
      const found = await findManifests(
        this.#parts.database,
        part.map(({ key }) => key),
      );
      for (const [index, { node }] of part.entries()) {
        // Should a trace lead back here, that is no answer.
        this.#known.set(node.id, unknown('what it needed at runtime needs it'));
        this.#known.set(node.id, await this.#judge(found[index] ?? []));
      }
    }
  }

  /** The key of a goal whose inputs are complete; otherwise how it stands. */
  #key({ goal, inputs }: PlannedGoal): string | GoalStatus {
    const { registry } = this.#parts;
    const task = registry.task(goal.task);
    if (task.source !== undefined) return unknown('what the source holds is known only to a run');
    const digests: Record<string, { readonly [output: string]: string }> = {};
    for (const [name, id] of Object.entries(inputs)) {
      const status = this.#status(id);
      if (status.kind !== 'complete') return { kind: status.kind, reason: `its input ${name}: ${status.reason}` };
      digests[name] = digestsOf(status.outputs);
    }
    if (task.runtimeInputs !== undefined) return unknown('it finds inputs while it runs');
    return makeKey({
      task: registry.identity(goal.task),
      code: registry.code(goal.task),
      params: significantParams(goal.params, task.insignificant),
      inputs: digests,
    });
  }

  async #judge(manifests: readonly StoredManifest[]): Promise<GoalStatus> {
    let reason = 'it was never made with these params, this code and these inputs';
    for (const manifest of manifests) {
      const missing = await this.#parts.completeness.missingOutput(manifest);
      if (missing !== undefined) {
        reason = `its output ${missing} is missing, or is not what was made`;
        continue;
      }
      const differing = await this.#differing(manifest.trace);
      if (differing === undefined) return { kind: 'complete', outputs: manifest.outputs };
      if (differing.kind === 'unknown') return differing;
      ({ reason } = differing);
    }
    return { kind: 'incomplete', reason };
  }

  /** The first thing needed at runtime that would answer otherwise than it did; undefined when all would answer the same. */
  async #differing(trace: readonly TraceRecord[]): Promise<Exclude<GoalStatus, { kind: 'complete' }> | undefined> {
    for (const { task, params, key, digests } of trace) {
      const label = describeGoal({ task, params });
      if (key === '') return unknown(`whether ${label}, which it did without, would be refused again`);
      const status = await this.#inspectNeeded({ task, params });
      if (status.kind !== 'complete') return { ...status, reason: `${label}, which it needed: ${status.reason}` };
      const now = Object.entries(digestsOf(status.outputs));
      const isSame =
        now.length === Object.keys(digests).length && now.every(([name, digest]) => digests[name] === digest);
      if (!isSame) return { kind: 'incomplete', reason: `${label}, which it needed, is another now` };
    }
    return undefined;
  }

  async #inspectNeeded(goal: Goal): Promise<GoalStatus> {
    try {
      const [found] = await this.inspect([goal]);
      return found?.status ?? unknown('it could not be looked at');
    } catch (error) {
      return { kind: 'incomplete', reason: error instanceof Error ? error.message : String(error) };
    }
  }
}

const unknown = (reason: string) => ({ kind: 'unknown', reason }) as const;
