import type { ArtifactDriver, Database, Queryable } from '#store';
import type { EngineEffects } from '../define/effects.ts';
import type { AnyTask } from '../define/task.ts';
import type { Sink } from '../execute/sink.ts';

/**
 * What a collection removes: versions with the files they placed, their rows, then bytes that are no longer referenced.
 */
export type ItemKind = 'version' | 'placed-file' | 'rows' | 'blob' | 'staged-file' | 'attempt-folder' | 'bundle';

export interface CollectOptions {
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  /** Their `retention` applies; for goals of other tasks only the other rules apply. */
  readonly tasks: readonly AnyTask[];
  readonly roots: readonly RootProvider[];
  /** Stores other than Weir's own database in which tasks have rows. */
  readonly sinks?: readonly Sink[];
  /** Who requested it, for the record. */
  readonly actor: string;
  /** Writes the plan and removes nothing. */
  readonly isDryRun?: boolean;
  /** Executes the plan of this earlier dry run instead of making a new one. */
  readonly plan?: string;
  /** What was stored, or became removable, less than this long ago stays. A day unless given. */
  readonly graceMs?: number;
  /**
   * A version that a newer one of its goal replaced is removed this many days after it was last made or found. 30
   * unless given.
   */
  readonly supersededDaysMax?: number;
  /** Any version is removed this many days after a run last made or found it. Never unless given. */
  readonly unusedDaysMax?: number;
  /** Folders whose files this process manages; a folder that is left out is not searched. */
  readonly folders?: CollectFolders;
  readonly onProgress?: (progress: CollectProgress) => void;
  readonly effects?: Partial<Pick<EngineEffects, 'now' | 'after'>>;
}

export interface CollectFolders {
  /** Where private folders of attempts are created. */
  readonly attempts?: string;
  /** Folder of bundles of code, and the fingerprints that are in use. */
  readonly bundles?: { readonly folder: string; readonly fingerprints: readonly string[] };
  /** Where tasks place files, in addition to the folders that results name. */
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
  /** True when an earlier, interrupted collection was finished first. */
  readonly hasResumed: boolean;
  readonly planned: CollectionCounts;
  readonly removed: CollectionCounts;
  /** Spared: by the plan, what is not its own or cannot be removed; later, what changed since. */
  readonly kept: CollectionCounts;
  /** Could not be removed now; the next collection retries. */
  readonly left: CollectionCounts;
}

/** One thing that a collection plans to remove, removed, or spared. */
export interface CollectionItem {
  readonly kind: ItemKind;
  /** A goal in readable form, a digest, a path, or a description of rows. */
  readonly name: string;
  readonly version: string | null;
  readonly sizeBytes: number;
  readonly reason: string;
  readonly state: 'planned' | 'removing' | 'removed' | 'kept';
  readonly keptBecause: string | null;
}

/**
 * Lets another part keep artifacts that no version of a goal may reference any more. Called when a collection is
 * planned, and again right before anything is removed.
 */
export interface RootProvider {
  /** Shown as the reason: "the model registry". */
  readonly name: string;
  /** Those of the given digests that must stay. */
  keeps(database: Queryable, digests: readonly string[]): Promise<readonly string[]>;
}
