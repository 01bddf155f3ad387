const READERS = [
  { kind: 'odcs', files: /\.(ya?ml|json)$/i, load: () => import('./load-odcs.ts') },
  {
    kind: 'module',
    files: /\.[cm]?[jt]s$/i,
    load: () => Promise.all([import('./load-project.ts'), import('./slim-library.ts')]),
  },
] as const;

/**
 * What reads a contract from a file, by the file's name; undefined for a name of neither kind. Each loads what it needs
 * alone, and what knows early which one it is can let that load beside the rest.
 */
export const contractReader = (file: string): (typeof READERS)[number] | undefined =>
  READERS.find(({ files }) => files.test(file));
