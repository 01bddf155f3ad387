import type { ArtifactDriver } from '#store';

/** Works with an artifact as a local file, which may go afterwards. */
export async function withPath<T>(
  artifacts: ArtifactDriver,
  digest: string,
  work: (path: string) => Promise<T>,
): Promise<T> {
  const path = await artifacts.localPath(digest);
  try {
    return await work(path);
  } finally {
    await artifacts.releasePath?.(path);
  }
}
