import { maybeStat, writtenIdentity } from '#store';
import type { Artifacts } from '../define/artifact.ts';
import { TaskError } from '../define/errors.ts';
import type { FileDigests } from '../define/file-digests.ts';

/** A file that the attempt was given, as it was then. */
interface GivenFile {
  readonly path: string;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly identity: string;
}

/**
 * Outputs that an attempt created and files that it read. Receipts prove that outputs come from its context. Files
 * outside the artifact store, which anybody may change, are compared before the attempt and again before its commit, so
 * that a result is stored only under the digests of what was really read.
 */
export class AttemptReceipts {
  // Created on first use: most attempts create only values and read only values.
  #given: WeakSet<object> | undefined;
  #files: Map<string, GivenFile> | undefined;
  #paths: Set<string> | undefined;
  readonly #digestFile: FileDigests;

  constructor(digestFile: FileDigests) {
    this.#digestFile = digestFile;
  }

  give<T extends object>(receipt: T): T {
    this.#given ??= new WeakSet();
    this.#given.add(receipt);
    return receipt;
  }

  has(receipt: object): boolean {
    return this.#given?.has(receipt) === true;
  }

  /** Whether a file is one that the attempt was given, outside the artifact store or in it. */
  isGivenFile(path: string): boolean {
    return this.#files?.has(path) === true || this.#paths?.has(path) === true;
  }

  givePath(path: string): string {
    this.#paths ??= new Set();
    this.#paths.add(path);
    return path;
  }

  /** Refuses files that differ from their manifest; remembers the state of the others. */
  async takeInputs(artifacts: Artifacts): Promise<void> {
    for (const artifact of Object.values(artifacts)) {
      if (artifact.kind !== 'file') continue;
      const { path, digest, sizeBytes } = artifact;
      const identity = await identityOf(path);
      await this.#assertSame({ path, digest, sizeBytes }, 'before it was read');
      this.#files ??= new Map();
      this.#files.set(path, { path, digest, sizeBytes, identity });
    }
  }

  /** Throws when a file that was given has changed, or may have changed in between. */
  async assertInputsUnchanged(): Promise<void> {
    for (const file of this.#files?.values() ?? []) {
      await this.#assertSame(file, 'while it was read');
      if ((await identityOf(file.path)) === file.identity) continue;
      throw new TaskError(
        `The input file ${file.path} was written to while it was read, and has its former content again; nobody knows which was read. The result is not kept, and the attempt is made again.`,
        { code: 'input_changed', class: 'infrastructure' },
      );
    }
  }

  async #assertSame(file: Omit<GivenFile, 'identity'>, when: string): Promise<void> {
    const found = await this.#digestFile(file.path, { sizeBytes: file.sizeBytes });
    if (found === file.digest) return;
    const came = found === undefined ? 'it is gone or has another size' : `found ${found}`;
    throw new TaskError(
      `The input file ${file.path} changed ${when}: expected digest ${file.digest}, ${came}. The result is not kept. Run again: the task that makes the file will see the change.`,
      { code: 'input_changed', class: 'data' },
    );
  }
}

async function identityOf(path: string): Promise<string> {
  const stats = await maybeStat(path);
  return stats === undefined ? '' : writtenIdentity(stats);
}
