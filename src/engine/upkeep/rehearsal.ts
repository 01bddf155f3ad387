import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type ArtifactDriver, type Database, fsArtifacts } from '#store';
import { EngineError } from '../define/errors.ts';
import { createFileDigests } from '../define/file-digests.ts';
import { makeRowsDigest } from '../define/key.ts';
import type { Registry } from '../define/registry.ts';
import { runAttempt, type Workplace } from '../execute/attempt.ts';
import { runBatch } from '../execute/batch.ts';
import type { Assignment, ExecutionContext, Outcome } from '../execute/executor.ts';
import { realFileDisk } from '../execute/place-file.ts';
import type { Sinks } from '../execute/sinks.ts';

/** Runs attempts of which nothing stays: no blob, no file, no row, no record. */
export interface Rehearsal {
  run(assignment: Assignment, context: ExecutionContext): Promise<Outcome>;
  close(): Promise<void>;
}

export async function openRehearsal(options: {
  readonly registry: Registry;
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  readonly folder?: string | undefined;
}): Promise<Rehearsal> {
  const { registry, database, artifacts, folder } = options;
  const scratch = await mkdtemp(path.join(os.tmpdir(), 'weir-verify-'));
  const made = await fsArtifacts({ folder: path.join(scratch, 'artifacts') });
  const workplace: Workplace = {
    registry,
    database: withoutClaims(database),
    artifacts: layered(made, artifacts),
    sinks: { write: rehearseRows(database) },
    digestFile: createFileDigests(),
    folder: folder ?? path.join(scratch, 'attempts'),
    // A staged file never gets its name; the end of the attempt removes it.
    disk: { ...realFileDisk, rename: async () => undefined },
  };
  return {
    run: (assignment, context) =>
      registry.task(assignment.task).batch === undefined
        ? runAttempt(assignment, context, workplace)
        : runAlone(assignment, { context, workplace }),
    close: () => rm(scratch, { recursive: true, force: true }),
  };
}

async function runAlone(
  assignment: Assignment,
  { context, workplace }: { readonly context: ExecutionContext; readonly workplace: Workplace },
): Promise<Outcome> {
  let reported: Outcome | undefined;
  const report = async (_: number, outcome: Outcome): Promise<void> => {
    reported = outcome;
  };
  const end = await runBatch([assignment], { signal: context.signal, report }, workplace);
  return reported ?? { kind: 'failed', error: end.error, log: end.logs[0] ?? '' };
}

/** The only transaction an attempt makes itself is the one that names its files under its claim; here it has none. */
const withoutClaims = (database: Database): Database => ({
  ...database,
  // Whatever the one statement asks for, there is a row.
  transaction: (work) => work({ query: async <R>() => [{}] as unknown as readonly R[], copyIn: async () => 0 }),
});

/** What the attempt puts lies in the scratch folder; what it reads may lie in either. */
function layered(made: ArtifactDriver, stored: ArtifactDriver): ArtifactDriver {
  const holder = async (digest: string): Promise<ArtifactDriver> =>
    (await made.stat(digest)) === undefined ? stored : made;
  return {
    name: made.name,
    put: (content) => made.put(content),
    putFile: (file) => made.putFile(file),
    stat: async (digest) => (await holder(digest)).stat(digest),
    read: async (digest) => (await holder(digest)).read(digest),
    localPath: async (digest) => (await holder(digest)).localPath(digest),
    delete: (digest) => made.delete(digest),
    list: () => made.list(),
  };
}

class RollBack extends Error {
  readonly rowCount: number;
  constructor(rowCount: number) {
    super('The rows of a rehearsal are not kept.');
    this.rowCount = rowCount;
  }
}

/** Writes the rows in a transaction that is rolled back. */
function rehearseRows(database: Database): Sinks['write'] {
  return async ({ owner, output, sink, write }) => {
    if (sink !== undefined)
      throw new EngineError(
        `Output ${output} goes to the sink ${sink}, where writing cannot be taken back. Verify tasks that write to Weir's own database, or make values and blobs.`,
      );
    const rowCount = await database
      // The writer of Weir's own database is its transaction.
      .transaction(async (tx) => Promise.reject(new RollBack(await write(tx as never))))
      .catch((error: unknown) => {
        if (error instanceof RollBack) return error.rowCount;
        throw error;
      });
    return { kind: 'rows', digest: makeRowsDigest({ key: owner.key, output, rowCount }), rowCount };
  };
}
