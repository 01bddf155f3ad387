import type { Queryable } from '#store';
import type { DataFolders } from '../folders.ts';
import type { DataPlaces } from '../places/data-places.ts';
import { localPlaces } from '../places/local-places.ts';
import { type Places, placesOf } from './placement.ts';

/** A part of an ingested file, where it was placed and still is. */
export interface IngestedPart {
  readonly part: keyof Places;
  /** Absolute, or an address in a bucket. */
  readonly path: string;
  readonly sizeBytes: number;
  /** Another one when the file was written or replaced. */
  readonly identity: string;
}

export interface IngestedFile {
  /** The run that ingested it; null when nothing is known of its arrival. */
  readonly runId: string | null;
  readonly parts: readonly IngestedPart[];
}

/**
 * What became of a checked file. Its parts are found from what is on record, never from a path that somebody sends; one
 * that was moved, or replaced by something that is no plain file, is not listed.
 */
export async function ingestedFile(
  queryable: Queryable,
  {
    folders,
    places = localPlaces,
    ...checked
  }: { readonly folders: DataFolders; readonly places?: DataPlaces } & Parameters<typeof placesOf>[1],
): Promise<IngestedFile> {
  const [arrival] = await queryable.query<{ run: string }>('select run_id::text as run from arrivals where id = $1', [
    checked.id,
  ]);
  if (arrival === undefined) return { runId: null, parts: [] };
  const parts: IngestedPart[] = [];
  for (const [part, path] of Object.entries(placesOf(folders, checked))) {
    const seen = await places.lookAt(path);
    // The entries have the keys of Places.
    if (seen !== undefined) {
      const { sizeBytes, identity } = seen;
      parts.push({ part: part as keyof Places, path, sizeBytes, identity });
    }
  }
  return { runId: arrival.run, parts };
}
