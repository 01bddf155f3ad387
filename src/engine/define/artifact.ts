import type { Json } from './goal.ts';

/** Values up to this many bytes live in the manifest row and touch no file. */
export const INLINE_BYTES_MAX = 4096;

/**
 * One immutable output of a goal, as its manifest records it.
 * `value`: JSON, inline when small, a blob otherwise. `blob`: bytes by digest. `file`: bytes put at a path outside the
 * artifact store. `rows`: rows a sink wrote, proven by its marker.
 */
export type Artifact =
  | { readonly kind: 'value'; readonly digest: string; readonly sizeBytes: number; readonly value?: Json }
  | { readonly kind: 'blob'; readonly digest: string; readonly sizeBytes: number }
  | { readonly kind: 'file'; readonly path: string; readonly digest: string; readonly sizeBytes: number }
  | { readonly kind: 'rows'; readonly digest: string; readonly rowCount: number; readonly sink?: string };

/** The record that makes a goal complete: written once, in one commit, for all outputs together. */
export interface Manifest {
  readonly key: string;
  readonly goal: { readonly task: string; readonly params: { readonly [name: string]: Json } };
  /** Code fingerprint, or `version:` and the explicit version. */
  readonly code: string;
  /** Input name to the key and the output digests that entered this key. */
  readonly inputs: { readonly [name: string]: InputRecord };
  readonly outputs: { readonly [name: string]: Artifact };
  /** Goals needed while running, in order, with their outcome. */
  readonly trace: readonly TraceRecord[];
  readonly token: string;
}

/** Output name to artifact: the outputs of one goal. */
export type Artifacts = { readonly [output: string]: Artifact };

/** What represents artifacts in the keys of the goals that read them. */
export const digestsOf = (artifacts: Artifacts): { readonly [output: string]: string } =>
  Object.fromEntries(Object.entries(artifacts).map(([output, artifact]) => [output, artifact.digest]));

/** Whether two goals have the same outputs. */
export function isSameDigests(a: InputRecord['digests'], b: InputRecord['digests']): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

/** Size of the outputs of one goal, in bytes. Rows count as zero, because they are stored elsewhere. */
export const bytesOf = (artifacts: Artifacts | undefined): number =>
  Object.values(artifacts ?? {}).reduce((sum, artifact) => sum + ('sizeBytes' in artifact ? artifact.sizeBytes : 0), 0);

/** A goal that was needed while running: enough to request it again. */
export interface TraceRecord extends InputRecord {
  readonly params: { readonly [name: string]: Json };
}

export interface InputRecord {
  readonly task: string;
  readonly key: string;
  readonly digests: { readonly [output: string]: string };
}
