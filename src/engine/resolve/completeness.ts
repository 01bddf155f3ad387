import type { ArtifactDriver, Queryable } from '#store';
import type { Artifact, Artifacts, InputRecord, TraceRecord } from '../define/artifact.ts';
import type { EngineEffects } from '../define/effects.ts';
import { createFileDigests } from '../define/file-digests.ts';
import { groupBy } from '../define/group-by.ts';
import type { Sinks } from '../execute/sinks.ts';

/** The fields of a manifest that completeness needs. */
export interface StoredManifest {
  readonly key: string;
  readonly goal: string;
  readonly token: string;
  /** Its version number. */
  readonly version: string;
  readonly inputs: { readonly [name: string]: InputRecord };
  readonly outputs: Artifacts;
  readonly trace: readonly TraceRecord[];
}

/** Manifests of many keys in one round trip; one list for each requested key, newest first. */
export async function findManifests(
  database: Queryable,
  keys: readonly string[],
): Promise<readonly (readonly StoredManifest[])[]> {
  const rows = await database.query<StoredManifest>(
    `select key, goal, token::text, version::text, inputs, outputs, trace from manifests
     where key = any($1::text[]) order by key, manifests.token desc`,
    [keys],
  );
  const byKey = groupBy(rows, (row) => row.key);
  return keys.map((key) => byKey.get(key) ?? []);
}

export interface CompletenessOptions {
  readonly sinks: Pick<Sinks, 'marker'>;
  readonly artifacts: ArtifactDriver;
  readonly warn: EngineEffects['warn'];
}

/** Checks whether outputs exist. Nothing is cached except digests of files that provably did not change. */
export interface Completeness {
  /** The name of the first output that is missing or differs from the manifest; undefined when all exist. */
  missingOutput(manifest: Pick<StoredManifest, 'goal' | 'key' | 'outputs'>): Promise<string | undefined>;
}

export function createCompleteness(options: CompletenessOptions): Completeness {
  const digestFile = createFileDigests();
  const markers = quietMarkers(options);
  const isPresent = async (
    artifact: Artifact,
    at: { readonly goal: string; readonly key: string; readonly output: string },
  ) => {
    switch (artifact.kind) {
      case 'value':
        return artifact.value !== undefined || hasBlob(options.artifacts, artifact);
      case 'blob':
        return hasBlob(options.artifacts, artifact);
      case 'file':
        return (await digestFile(artifact.path, { sizeBytes: artifact.sizeBytes })) === artifact.digest;
      case 'rows':
        return hasRows(markers, { ...at, ...artifact });
      default:
        return artifact satisfies never;
    }
  };
  return {
    missingOutput: async ({ goal, key, outputs }) => {
      for (const [output, artifact] of Object.entries(outputs)) {
        if (artifact.kind === 'value' && artifact.value !== undefined) continue;
        if (!(await isPresent(artifact, { goal, key, output }))) return output;
      }
      return undefined;
    },
  };
}

async function hasBlob(
  artifacts: ArtifactDriver,
  expected: { readonly digest: string; readonly sizeBytes: number },
): Promise<boolean> {
  const found = await artifacts.stat(expected.digest);
  return found !== undefined && found.sizeBytes === expected.sizeBytes;
}

/**
 * Weir cannot run without its own database, but it can without one of the sinks. So a sink that cannot be queried
 * counts as empty, with one warning until it answers again.
 */
function quietMarkers({ sinks, warn }: CompletenessOptions): Sinks['marker'] {
  const silent = new Set<string>();
  return async (place) => {
    const { sink } = place;
    if (sink === undefined) return sinks.marker(place);
    try {
      const marker = await sinks.marker(place);
      silent.delete(sink);
      return marker;
    } catch (error) {
      if (!silent.has(sink)) warn(`Sink ${sink} could not be queried; goals that write to it run again`, error);
      silent.add(sink);
      return undefined;
    }
  };
}

async function hasRows(
  marker: Sinks['marker'],
  expected: {
    readonly goal: string;
    readonly key: string;
    readonly output: string;
    readonly rowCount: number;
    readonly sink?: string;
  },
): Promise<boolean> {
  const { goal, output, sink, key, rowCount } = expected;
  const found = await marker({ goal, output, sink });
  return found?.key === key && found.rowCount === rowCount;
}
