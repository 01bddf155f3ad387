import type { ArtifactDriver, Database } from '#store';
import type { EngineEffects } from '../define/effects.ts';
import type { Completeness, StoredManifest } from '../resolve/completeness.ts';
import { handleFinding } from './incidents.ts';

export interface NoticeOptions {
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  readonly warn: EngineEffects['warn'];
}

/** Completeness that puts on record when bytes in the artifact store are gone or of another size. Files and rows are others' to replace. */
export function noticeMissing(completeness: Completeness, options: NoticeOptions): Completeness {
  return {
    missingOutput: async (manifest) => {
      const output = await completeness.missingOutput(manifest);
      if (output !== undefined)
        await notice({ manifest, output }, options).catch((error: unknown) =>
          options.warn(`What is missing of ${manifest.key} could not be recorded`, error),
        );
      return output;
    },
  };
}

async function notice(
  missing: { readonly manifest: Pick<StoredManifest, 'outputs'>; readonly output: string },
  { database, artifacts }: NoticeOptions,
): Promise<void> {
  const artifact = missing.manifest.outputs[missing.output];
  if (artifact?.kind !== 'blob' && artifact?.kind !== 'value') return;
  const { digest, sizeBytes } = artifact;
  const found = await artifacts.stat(digest);
  // Somebody stored it meanwhile.
  if (found?.sizeBytes === sizeBytes) return;
  const kind = found === undefined ? 'missing' : 'damaged';
  await handleFinding({ kind, digest, foundBy: 'a run that wanted to use it' }, { database, artifacts });
}
