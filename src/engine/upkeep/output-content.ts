import type { ArtifactDriver } from '#store';
import type { Artifact } from '../define/artifact.ts';
import { createFileDigests } from '../define/file-digests.ts';

/** A local file with the bytes of an output; undefined when it has none of its own, or they are no longer stored. */
export type OutputContent = (artifact: Artifact) => Promise<string | undefined>;

/** Finds the bytes of outputs for people to look at. A file outside the store counts while it is the one recorded. */
export function createOutputContent(artifacts: ArtifactDriver): OutputContent {
  const digestFile = createFileDigests();
  return async (artifact) => {
    switch (artifact.kind) {
      case 'rows':
        return undefined;
      case 'file':
        return (await digestFile(artifact.path, artifact)) === artifact.digest ? artifact.path : undefined;
      case 'value':
      case 'blob':
        if (artifact.kind === 'value' && artifact.value !== undefined) return undefined;
        return (await artifacts.stat(artifact.digest)) === undefined ? undefined : artifacts.localPath(artifact.digest);
      default:
        return artifact satisfies never;
    }
  };
}
