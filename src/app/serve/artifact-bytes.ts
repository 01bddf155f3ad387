import type { ArtifactDriver } from '#store';

/** Reading the sizes of a million artifacts takes seconds. */
const FRESH_MS = 600_000;

export interface ArtifactBytesEffects {
  now(): number;
  onError(error: unknown): void;
}

/** The size of all stored artifacts as last measured; asking starts the next measurement when that was long ago. */
export function artifactBytes(
  artifacts: ArtifactDriver,
  { now, onError }: ArtifactBytesEffects,
): () => number | undefined {
  let known: number | undefined;
  let measuredAt: number | undefined;
  const measure = async (): Promise<void> => {
    let sum = 0;
    for await (const { sizeBytes } of artifacts.list()) sum += sizeBytes;
    known = sum;
  };
  return () => {
    if (measuredAt === undefined || now() - measuredAt >= FRESH_MS) {
      measuredAt = now();
      void measure().catch(onError);
    }
    return known;
  };
}
