import { type ArtifactDriver, type Database, type Queryable, verifyArtifact } from '#store';
import { handleFinding, type Incident } from './incidents.ts';
import { BLOBS_OF_M } from './remove-blobs.ts';

export interface ScrubOptions {
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  readonly onProgress?: (progress: { readonly blobs: number; readonly sizeBytes: number }) => void;
  readonly signal?: AbortSignal;
}

export interface ScrubFinding {
  readonly kind: Incident['kind'];
  readonly digest: string;
  readonly action: string;
}

export interface ScrubReport {
  /** The blobs that were read and compared. */
  readonly blobs: number;
  readonly sizeBytes: number;
  readonly findings: readonly ScrubFinding[];
}

const PAGE = 1_000;
const FOUND_BY = 'scrub';

/**
 * Reads every stored blob and compares it with its digest; checks that every blob that a version references exists.
 * Damaged ones that a version references are removed, so that their goals are incomplete and computed again. All
 * findings are recorded as incidents.
 */
export async function scrub(options: ScrubOptions): Promise<ScrubReport> {
  const { database, artifacts, onProgress, signal } = options;
  const findings: ScrubFinding[] = [];
  const handle = async (kind: Incident['kind'], digest: string): Promise<void> => {
    const action = await handleFinding({ kind, digest, foundBy: FOUND_BY }, { database, artifacts });
    findings.push({ kind, digest, action });
  };
  let blobs = 0;
  let sizeBytes = 0;
  for await (const blob of artifacts.list()) {
    signal?.throwIfAborted();
    if ((await verifyArtifact(artifacts, blob.digest)) === 'damaged') await handle('damaged', blob.digest);
    blobs++;
    sizeBytes += blob.sizeBytes;
    onProgress?.({ blobs, sizeBytes });
  }
  const removed = new Set(findings.map(({ digest }) => digest));
  for await (const digests of namedBlobs(database)) {
    signal?.throwIfAborted();
    for (const digest of digests)
      if (!removed.has(digest) && (await artifacts.stat(digest)) === undefined && (await isNamed(database, digest)))
        await handle('missing', digest);
  }
  return { blobs, sizeBytes, findings };
}

/** Digests that versions reference, page by page; one with many references may appear again. */
async function* namedBlobs(database: Queryable): AsyncGenerator<ReadonlySet<string>> {
  for (let after = '0'; ; ) {
    const rows = await database.query<{ version: string; digest: string | null }>(
      `with page as (
         select * from manifests where manifests.version > $1 order by manifests.version limit $2),
       named as (
         select m.version, o.value ->> 'digest' as digest from page m ${BLOBS_OF_M})
       select p.version::text, n.digest from page p left join named n using (version) order by p.version`,
      [after, PAGE],
    );
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.version;
    yield new Set(rows.flatMap(({ digest }) => digest ?? []));
  }
}

/** A collection may have removed version and blob since the page was read. */
async function isNamed(database: Queryable, digest: string): Promise<boolean> {
  const found = await database.query(`select 1 from manifests m ${BLOBS_OF_M} and o.value ->> 'digest' = $1 limit 1`, [
    digest,
  ]);
  return found.length === 1;
}
