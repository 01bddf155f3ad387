import type { ArtifactDriver, Database, Queryable } from '#store';
import type { EngineEffects } from '../define/effects.ts';
import type { AnyTask } from '../define/task.ts';
import type { Sink } from '../execute/sink.ts';

/** What a collection removes: versions with the files they placed, their rows, then the bytes nothing names any more. */
export type ItemKind = 'version' | 'placed-file' | 'rows' | 'blob' | 'staged-file' | 'attempt-folder' | 'bundle';

export interface CollectOptions {
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  /** Their `retention` counts; goals of tasks that are not here keep their results by the other rules. */
  readonly tasks: readonly AnyTask[];
  readonly roots: readonly RootProvider[];
  /** Stores beside Weir's own database in which tasks have rows. */
  readonly sinks?: readonly Sink[];
  /** Who asked, for the record. */
  readonly actor: string;
  /** Writes the plan and removes nothing. */
  readonly isDryRun?: boolean;
  /** Executes the plan of this earlier dry run instead of making a new one. */
  readonly plan?: string;
  /** What was stored, or became removable, less than this long ago stays. A day unless given. */
  readonly graceMs?: number;
  /** A version that a newer one of its goal replaced goes this many days after it was last made or found. 30 unless given. */
  readonly supersededDaysMax?: number;
  /** Any version goes this many days after a run last made or found it. Never unless given. */
  readonly unusedDaysMax?: number;
  /** Folders for whose files this process answers; what is left away is not looked at. */
  readonly folders?: CollectFolders;
  readonly onProgress?: (progress: CollectProgress) => void;
  readonly effects?: Partial<Pick<EngineEffects, 'now' | 'after'>>;
}

export interface CollectFolders {
  /** Where private folders of attempts are made. */
  readonly attempts?: string;
  /** Where bundles of code are kept, and the fingerprints that are in use. */
  readonly bundles?: { readonly folder: string; readonly fingerprints: readonly string[] };
  /** Where tasks place files, beside the folders that results name. */
  readonly placed?: readonly string[];
}

export interface CollectProgress {
  readonly phase: 'listing' | 'planning' | 'removing';
  readonly kind: ItemKind | undefined;
  readonly count: number;
  /** Undefined while it is not known. */
  readonly countMax: number | undefined;
  readonly sizeBytes: number;
}

export interface CollectionCount {
  readonly count: number;
  readonly sizeBytes: number;
}
export type CollectionCounts = { readonly [kind in ItemKind]: CollectionCount };

/** What a collection did; of a dry run, what it would do. */
export interface CollectionReport {
  readonly id: string;
  readonly isDryRun: boolean;
  /** True when an earlier collection that was interrupted was finished first. */
  readonly hasResumed: boolean;
  readonly planned: CollectionCounts;
  readonly removed: CollectionCounts;
  /** Spared: what was found not to be its own, or cannot be removed, already by the plan; the rest because something changed since. */
  readonly kept: CollectionCounts;
  /** Could not be removed now; the next collection tries again. */
  readonly left: CollectionCounts;
}

/** One thing that a collection plans to remove, removed, or spared. */
export interface CollectionItem {
  readonly kind: ItemKind;
  /** A goal as people write it, a digest, a path, or what rows there are of whom. */
  readonly name: string;
  readonly version: string | null;
  readonly sizeBytes: number;
  readonly reason: string;
  readonly state: 'planned' | 'removing' | 'removed' | 'kept';
  readonly keptBecause: string | null;
}

/**
 * Says for another part which artifacts must stay although no version of a goal may name them any more.
 * Asked when a collection is planned, and again right before anything is removed.
 */
export interface RootProvider {
  /** What people read as the reason: "the model registry". */
  readonly name: string;
  /** Those of the given digests that must stay. */
  keeps(database: Queryable, digests: readonly string[]): Promise<readonly string[]>;
}
