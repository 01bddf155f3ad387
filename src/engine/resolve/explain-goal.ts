import type { Goal } from '../define/goal.ts';
import { significantParams } from '../define/key.ts';
import type { Registry } from '../define/registry.ts';
import type { Difference } from '../records/difference.ts';
import { listStale } from '../records/staleness.ts';
import { compareKeys } from './compare.ts';
import type { Explanation, GoalExplanation } from './explanation.ts';
import { type ProjectParts, resolverPartsOf } from './project-parts.ts';
import { type Resolved, Resolver } from './resolver.ts';
import { maybeVersionOfKey, type StoredVersion, versionsByNumber } from './stored-versions.ts';

/** What an explanation needs: the parts of an engine, without one that runs. */
export type ExplainParts = ProjectParts;

const VISITED_MAX = 200;

/**
 * Explains the state of a goal with the current code and sources, down to the first differences. Runs nothing and
 * records nothing. Throws an EngineError when the goal names no task or its params do not fit.
 */
export async function explainGoal(parts: ExplainParts, goal: Goal): Promise<Explanation> {
  const own = resolverPartsOf(parts);
  const { registry } = own;
  const resolver = new Resolver(own);
  const [asked = ''] = await resolver.resolve([goal]);
  const chain = new Chain({ parts, registry, resolver });
  await chain.follow(asked);
  return { goals: await withResults(parts, chain.visited), isCut: chain.isCut };
}

interface Visited {
  readonly resolved: Resolved;
  readonly differences: readonly Difference[];
}

interface ChainWorld {
  readonly parts: ExplainParts;
  readonly registry: Registry;
  readonly resolver: Resolver;
}

/** From the requested goal along its differences, breadth first. */
class Chain {
  readonly visited: Visited[] = [];
  isCut = false;
  readonly #world: ChainWorld;

  constructor(world: ChainWorld) {
    this.#world = world;
  }

  async follow(asked: string): Promise<void> {
    const queue: { readonly id: string; readonly before: StoredVersion | undefined }[] = [
      { id: asked, before: undefined },
    ];
    const known = new Set([asked]);
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const resolved = this.#world.resolver.resolved.get(next.id);
      if (resolved === undefined) continue;
      const differences = await this.#differencesOf(resolved, next.before);
      this.visited.push({ resolved, differences });
      const before = next.before ?? resolved.last;
      for (const difference of differences) {
        if (
          (difference.kind !== 'input' && difference.kind !== 'need') ||
          difference.goal === null ||
          known.has(difference.goal)
        )
          continue;
        if (known.size >= VISITED_MAX) {
          this.isCut = true;
          return;
        }
        known.add(difference.goal);
        queue.push({
          id: difference.goal,
          before: difference.kind === 'input' ? await this.#inputOf(before, difference.name) : undefined,
        });
      }
    }
  }

  /** For a complete goal: why its result differs from the one `before`. */
  async #differencesOf(resolved: Resolved, before: StoredVersion | undefined): Promise<readonly Difference[]> {
    const { parts, registry } = this.#world;
    const { explanation, makers, version } = resolved;
    if (version === undefined || before === undefined) return explanation.differences;
    const after = (await versionsByNumber(parts.database, [version])).get(version);
    if (after === undefined || after.version === before.version) return [];
    if (after.key === before.key)
      return [{ kind: 'unknown', reason: 'it was computed twice under one key, and gave another result' }];
    const { insignificant } = registry.task(explanation.task);
    const significant = (key: StoredVersion) => ({ ...key, params: significantParams(key.params, insignificant) });
    return compareKeys({ before: significant(before), after: significant(after), makers, pending: new Set() });
  }

  async #inputOf(reader: StoredVersion | undefined, name: string): Promise<StoredVersion | undefined> {
    const key = reader?.inputs[name]?.key ?? '';
    return key === '' ? undefined : maybeVersionOfKey(this.#world.parts.database, key);
  }
}

/** Adds when and by which run each result was made, and what is stale. */
async function withResults(
  { database }: ExplainParts,
  visited: readonly Visited[],
): Promise<readonly GoalExplanation[]> {
  const numbers = visited.flatMap(({ resolved }) => resolved.version ?? resolved.last?.version ?? []);
  const versions = await versionsByNumber(database, numbers);
  const stale = await listStale(database, {
    goals: visited.map(({ resolved }) => resolved.explanation.goal),
    limit: VISITED_MAX,
  });
  const reasons = new Map(stale.map(({ goal, reason }) => [goal, reason]));
  return visited.map(({ resolved, differences }) => {
    const found = versions.get(resolved.version ?? resolved.last?.version ?? '');
    const result = found && {
      version: found.version,
      runId: found.runId,
      at: found.at,
      acceptedFrom: found.acceptedFrom,
    };
    return {
      ...{ ...resolved.explanation, differences, result: result ?? null },
      staleReason: reasons.get(resolved.explanation.goal) ?? null,
    };
  });
}
