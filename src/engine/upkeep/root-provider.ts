import type { Queryable } from '#store';

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
