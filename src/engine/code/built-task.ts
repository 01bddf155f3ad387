import type { PackageLock } from './packages.ts';

/** Where a task is written. */
export interface TaskSource {
  /** Relative to the root. */
  readonly file: string;
  readonly exported: string;
}

export interface BuiltTask extends TaskSource {
  readonly fingerprint: string;
  /** The module that was hashed and that runs; its default export is the task. */
  readonly path: string;
  /** Packages it reaches, with locked versions. */
  readonly packages: readonly string[];
}

export interface CodeOptions {
  readonly root: string;
  /** Files whose exported tasks are built, relative to the root. */
  readonly files: readonly string[];
  /** Where bundles are kept, each under its fingerprint. */
  readonly folder: string;
  readonly lock?: PackageLock;
  /** What `import … from 'weir'` means in a bundle. */
  readonly weirUrl?: string;
}
