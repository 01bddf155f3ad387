import { type Listing, sortListing } from '../define/partitions.ts';

/** How a listing differs from the one known before, and what is believed of it. */
export interface ListingChange {
  readonly gone: readonly string[];
  /** What is missing too, and not believed to be gone; either this or `gone` is empty. */
  readonly doubted: readonly string[];
  readonly changed: readonly (readonly [name: string, digest: string])[];
  readonly come: readonly (readonly [name: string, digest: string])[];
  /** What is known from now on: what was said, and what is doubted to be gone. */
  readonly known: Listing;
}

/** Compares what is known with what a source says now. */
export function compareListings(
  before: Listing,
  after: Listing,
  options: { readonly removalShareMax: number },
): ListingChange {
  const entries = [...after];
  const missing = [...before].filter(([name]) => !after.has(name));
  // Nothing at all is what an unmounted folder looks like, so that is never believed.
  const isBelieved = after.size > 0 && missing.length <= options.removalShareMax * before.size;
  const names = missing.map(([name]) => name);
  return {
    gone: isBelieved ? names : [],
    doubted: isBelieved ? [] : names,
    changed: entries.filter(([name, digest]) => before.has(name) && before.get(name) !== digest),
    come: entries.filter(([name]) => !before.has(name)),
    known: isBelieved ? after : sortListing([...missing, ...entries]),
  };
}
