import type { Database } from '#store';
import { type Artifacts, digestsOf } from '../define/artifact.ts';
import { toPlainArray } from '../define/plain-array.ts';
import type { PlannedGoal } from '../define/planned-goal.ts';
import type { Registry } from '../define/registry.ts';
import type { Completeness, StoredManifest } from './completeness.ts';
import type { Forced } from './forced.ts';
import { keyOfGoal } from './goal-key.ts';

/** A result that answers a goal of a plan as it is. */
export interface KnownResult {
  readonly key: string;
  readonly version: string;
  readonly outputs: Artifacts;
}

/** What is known of a plan before any of it runs. */
export interface KnownResults {
  /** Goals that are complete, with all they need, by identity. */
  readonly complete: ReadonlyMap<string, KnownResult>;
  /**
   * Goals that never had a result under any key: the run need not look for one before its first attempt, which is
   * refused if that changed.
   */
  readonly fresh: Set<string>;
}

export interface KnownResultsOptions {
  readonly planned: readonly PlannedGoal[];
  readonly registry: Registry;
  readonly completeness: Completeness;
  readonly forced: Pick<Forced, 'has'>;
}

type NewestManifest = Pick<StoredManifest, 'goal' | 'key' | 'version' | 'outputs' | 'trace'>;

const GOALS_MAX = 5_000;

/**
 * Finds the complete goals of a plan in memory, from the newest result of each goal, with one round trip for thousands
 * of goals instead of one for each level. Cases that are not simple are left to the run: goals with a trace, a source
 * or runtime inputs, forced ones, those with a trigger rule, and those whose newest result has another key.
 */
export async function findKnownResults(database: Database, options: KnownResultsOptions): Promise<KnownResults> {
  const complete = new Map<string, KnownResult>();
  const fresh = new Set<string>();
  const parts = chunk(options.planned, GOALS_MAX);
  let next = newestManifests(database, parts[0] ?? []);
  for (const [index, part] of parts.entries()) {
    const manifests = await next;
    // Requested before this part is processed, so that the server and this process work at the same time.
    next = newestManifests(database, parts[index + 1] ?? []);
    next.catch(() => undefined);
    const isThere = askPresence(manifests, options.completeness);
    for (const planned of part) {
      const manifest = manifests.get(planned.id);
      if (manifest === undefined) fresh.add(planned.id);
      else if (!options.forced.has(planned.id) && hasKey(planned, { manifest, complete, registry: options.registry })) {
        // Most goals need no query, and awaiting nothing would cost as much as everything else here.
        if (isInline(manifest.outputs) || (await isPresent(manifest, { isThere, ...options })))
          complete.set(planned.id, manifest);
      }
    }
  }
  return { complete, fresh };
}

/** Whether the manifest was made with the key that the goal has now. */
function hasKey(
  planned: PlannedGoal,
  known: {
    readonly manifest: NewestManifest;
    readonly complete: ReadonlyMap<string, KnownResult>;
    readonly registry: Registry;
  },
): boolean {
  const { registry, manifest, complete } = known;
  const task = registry.task(planned.goal.task);
  const isPlain = task.source === undefined && task.runtimeInputs === undefined && task.runsWhen === 'all-succeeded';
  if (!isPlain || manifest.trace.length > 0) return false;
  const inputs: Record<string, ReturnType<typeof digestsOf>> = {};
  for (const name in planned.inputs) {
    const input = complete.get(planned.inputs[name] ?? '');
    if (input === undefined) return false;
    inputs[name] = digestsOf(input.outputs);
  }
  return keyOfGoal(planned.goal, inputs, registry) === manifest.key;
}

async function isPresent(
  manifest: NewestManifest,
  from: { readonly isThere: ReadonlyMap<string, Promise<boolean>>; readonly completeness: Completeness },
): Promise<boolean> {
  return from.isThere.get(manifest.goal) ?? (await from.completeness.missingOutput(manifest)) === undefined;
}

/**
 * Checks outputs of all goals at once, so that a store gets one query for many. Files are checked only once their key
 * is known to match, because they may have to be hashed.
 */
function askPresence(
  manifests: ReadonlyMap<string, NewestManifest>,
  completeness: Completeness,
): ReadonlyMap<string, Promise<boolean>> {
  const asked = new Map<string, Promise<boolean>>();
  for (const manifest of manifests.values()) {
    if (isInline(manifest.outputs) || hasFile(manifest.outputs)) continue;
    const isThere = completeness.missingOutput(manifest).then((output) => output === undefined);
    // The caller that awaits the answer gets the error.
    isThere.catch(() => undefined);
    asked.set(manifest.goal, isThere);
  }
  return asked;
}

const hasFile = (outputs: Artifacts): boolean => Object.values(outputs).some(({ kind }) => kind === 'file');

function isInline(outputs: Artifacts): boolean {
  for (const name in outputs) {
    const artifact = outputs[name];
    if (artifact?.kind !== 'value' || artifact.value === undefined) return false;
  }
  return true;
}

const NEWEST = `
select distinct on (goal) goal, key, version::text, outputs, trace from manifests
where goal = any($1::text[]) order by goal, manifests.token desc`;

async function newestManifests(
  database: Database,
  planned: readonly PlannedGoal[],
): Promise<ReadonlyMap<string, NewestManifest>> {
  if (planned.length === 0) return new Map();
  const goals = toPlainArray(planned.map(({ id }) => id));
  const rows = await database.transaction((tx) => tx.query<NewestManifest>(NEWEST, [goals]), { isIndexed: true });
  return new Map(rows.map((row) => [row.goal, row]));
}

function chunk<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const parts: (readonly T[])[] = [];
  for (let from = 0; from < items.length; from += size) parts.push(items.slice(from, from + size));
  return parts;
}
