import type { ArtifactDriver } from '#store';

/** The artifacts of one attempt, and the end of its use of paths to them. */
export interface HeldPaths {
  readonly artifacts: ArtifactDriver;
  release(): Promise<void>;
}

/** Remembers the paths that an attempt is given, so that a store elsewhere may remove its copies afterwards. */
export function holdPaths(artifacts: ArtifactDriver): HeldPaths {
  // Local files stay where they are: nothing to remember.
  if (artifacts.releasePath === undefined) return { artifacts, release: async () => undefined };
  const paths: string[] = [];
  return {
    artifacts: {
      name: artifacts.name,
      put: (content) => artifacts.put(content),
      putFile: (file) => artifacts.putFile(file),
      stat: (digest) => artifacts.stat(digest),
      read: (digest) => artifacts.read(digest),
      localPath: async (digest) => {
        const path = await artifacts.localPath(digest);
        paths.push(path);
        return path;
      },
      delete: (digest) => artifacts.delete(digest),
      list: () => artifacts.list(),
    },
    release: async () => {
      await Promise.all(paths.map((path) => artifacts.releasePath?.(path)));
    },
  };
}
