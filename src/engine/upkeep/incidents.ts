import { Readable } from 'node:stream';
import { type ArtifactDriver, type Database, isStoreError, type Queryable, verifyArtifact } from '#store';
import type { EngineEffects } from '../define/effects.ts';
import { DamagedArtifactError } from '../define/errors.ts';
import type { Completeness, StoredManifest } from '../resolve/completeness.ts';
import { removeBlobs } from './remove-blobs.ts';

/** Stored bytes that are damaged, or missing although a result references them. */
export interface Incident {
  readonly id: string;
  readonly kind: 'damaged' | 'missing';
  readonly digest: string;
  readonly sizeBytes: number | null;
  /** Who found it: `scrub`, or `a task` that read them. */
  readonly foundBy: string;
  readonly action: string;
  /** Some of the goals whose results they were. */
  readonly goals: readonly string[];
  readonly foundAt: Date;
}

export interface Finding {
  readonly kind: Incident['kind'];
  readonly digest: string;
  readonly foundBy: string;
}

const GOALS_MAX = 10;

/** Goals of which a version names the digest, and how many bytes they say it has. */
async function namedBy(
  database: Queryable,
  digest: string,
): Promise<{ readonly goals: readonly string[]; readonly sizeBytes: number | null; readonly madeAt: Date | null }> {
  const rows = await database.query<{ goal: string; size: number; at: Date }>(
    `select m.task || left(m.params::text, 200) as goal, (o.value ->> 'sizeBytes')::float8 as size, max(m.created_at) as at
     from manifests m cross join lateral jsonb_each(m.outputs) o where o.value ->> 'digest' = $1
     group by 1, 2 order by at desc limit $2`,
    [digest, GOALS_MAX],
  );
  return { goals: rows.map(({ goal }) => goal), sizeBytes: rows[0]?.size ?? null, madeAt: rows[0]?.at ?? null };
}

/**
 * Records findings and removes damaged bytes that a result references: its goal becomes incomplete and is computed
 * again. Bytes that no result references stay, because nothing could compute them again.
 */
export async function handleFinding(
  finding: Finding,
  { database, artifacts }: { readonly database: Database; readonly artifacts: ArtifactDriver },
): Promise<Incident['action']> {
  const { kind, digest, foundBy } = finding;
  const { goals, sizeBytes, madeAt } = await namedBy(database, digest);
  const isRemoved = kind === 'damaged' && goals.length > 0;
  if (isRemoved) await removeDamaged({ digest, foundBy }, { database, artifacts });
  const action = isRemoved
    ? 'removed, so that its task computes it again'
    : kind === 'missing'
      ? 'its goal is incomplete, and is computed again when a run needs it'
      : 'left as it is, because no result refers to it: it has to be stored again by what stored it';
  // It is one incident until the bytes are stored again, however often it is found: removed bytes are missing
  // afterwards.
  await database.query(
    `insert into incidents (kind, digest, size_bytes, found_by, action, goals) select $1, $2, $3, $4, $5, $6
     where not exists (
       select 1 from incidents where digest = $2 and found_at >= coalesce($7, clock_timestamp() - interval '1 minute'))`,
    [kind, digest, sizeBytes, foundBy, action, goals, madeAt],
  );
  return action;
}

/**
 * A collection of one blob, so that concurrent commits do not rely on it. A blob that was stored again in the meantime
 * stays.
 */
async function removeDamaged(
  damaged: { readonly digest: string; readonly foundBy: string },
  { database, artifacts }: { readonly database: Database; readonly artifacts: ArtifactDriver },
): Promise<void> {
  const found = await artifacts.stat(damaged.digest);
  if (found === undefined) return;
  const storedBefore = new Date(found.storedAt.getTime() + 1);
  const id = await database.transaction(async (tx) => {
    const [created] = await tx.query<{ id: string }>(
      `insert into collections (actor, options, seen_version, is_dry_run)
       select $1, $2, coalesce(max(version), 0), false from manifests returning id::text`,
      [damaged.foundBy, JSON.stringify({ storedBefore })],
    );
    const collection = created?.id ?? '';
    await tx.query(
      `insert into collection_items (collection_id, kind, name, digest, size_bytes, reason)
       values ($1, 'blob', $2, $2, $3, 'its bytes are damaged')`,
      [collection, damaged.digest, found.sizeBytes],
    );
    return collection;
  });
  await removeBlobs({ database, artifacts, roots: [], id, storedBefore, onDecided: () => undefined });
  await database.query('update collections set finished_at = clock_timestamp() where id = $1', [id]);
}

const LIMIT_DEFAULT = 100;

/** Incidents, newest first. */
export function listIncidents(
  database: Queryable,
  { limit = LIMIT_DEFAULT }: { readonly limit?: number } = {},
): Promise<readonly Incident[]> {
  return database.query<Incident>(
    `select id::text, kind, digest, size_bytes::float8 as "sizeBytes", found_by as "foundBy", action, goals,
       found_at as "foundAt" from incidents order by incidents.id desc limit $1`,
    [limit],
  );
}

export interface NoticeOptions {
  readonly database: Database;
  readonly artifacts: ArtifactDriver;
  readonly warn: EngineEffects['warn'];
}

/**
 * Completeness that records an incident when bytes in the artifact store are missing or have another size. Files and
 * rows belong to others.
 */
export function noticeMissing(completeness: Completeness, options: NoticeOptions): Completeness {
  return {
    missingOutput: async (manifest) => {
      const output = await completeness.missingOutput(manifest);
      if (output !== undefined)
        await notice({ manifest, output }, options).catch((error: unknown) =>
          options.warn(`What is missing of ${manifest.key} could not be recorded`, error),
        );
      return output;
    },
  };
}

async function notice(
  missing: { readonly manifest: Pick<StoredManifest, 'outputs'>; readonly output: string },
  { database, artifacts }: NoticeOptions,
): Promise<void> {
  const artifact = missing.manifest.outputs[missing.output];
  if (artifact?.kind !== 'blob' && artifact?.kind !== 'value') return;
  const { digest, sizeBytes } = artifact;
  const found = await artifacts.stat(digest);
  // It was stored again in the meantime.
  if (found?.sizeBytes === sizeBytes) return;
  const kind = found === undefined ? 'missing' : 'damaged';
  await handleFinding({ kind, digest, foundBy: 'a run that needed it' }, { database, artifacts });
}

/** How many digests are remembered as verified; the oldest are dropped first, and verified again. */
const REMEMBERED_MAX = 100_000;

/**
 * The driver for tasks. A blob is read and compared with its digest before this process first returns a path to it;
 * streams are compared while they are read. Damaged or missing bytes are recorded as an incident, and damaged ones are
 * removed; the error names the digest, so that the run computes it again.
 */
export function verifiedArtifacts(artifacts: ArtifactDriver, database: Database): ArtifactDriver {
  const verified = new Set<string>();
  const remember = (digest: string): void => {
    const [oldest] = verified.size >= REMEMBERED_MAX ? verified : [];
    if (oldest !== undefined) verified.delete(oldest);
    verified.add(digest);
  };
  const refuse = async (digest: string, kind: 'damaged' | 'missing', cause?: unknown): Promise<never> => {
    verified.delete(digest);
    const action = await handleFinding({ kind, digest, foundBy: 'a task that read it' }, { database, artifacts });
    throw new DamagedArtifactError(`Artifact ${digest} is ${kind}: ${action}.`, { digest, cause });
  };
  return {
    name: artifacts.name,
    put: async (content) => {
      const blob = await artifacts.put(content);
      remember(blob.digest);
      return blob;
    },
    putFile: async (file) => {
      const blob = await artifacts.putFile(file);
      remember(blob.digest);
      return blob;
    },
    stat: (digest) => artifacts.stat(digest),
    delete: (digest) => artifacts.delete(digest),
    list: () => artifacts.list(),
    ...(artifacts.addressOf === undefined ? {} : { addressOf: artifacts.addressOf.bind(artifacts) }),
    ...(artifacts.releasePath === undefined ? {} : { releasePath: artifacts.releasePath.bind(artifacts) }),
    localPath: async (digest) => {
      if (artifacts.verifiesPaths === true)
        return artifacts.localPath(digest).catch(async (error: unknown) => {
          if (isStoreError(error, 'artifact_missing')) return refuse(digest, 'missing', error);
          if (isStoreError(error, 'artifact_damaged')) return refuse(digest, 'damaged', error);
          throw error;
        });
      if (!verified.has(digest)) {
        const found = await verifyArtifact(artifacts, digest);
        if (found !== 'intact') await refuse(digest, found);
        remember(digest);
      } else if ((await artifacts.stat(digest)) === undefined) await refuse(digest, 'missing');
      return artifacts.localPath(digest);
    },
    read: async (digest) => {
      if ((await artifacts.stat(digest)) === undefined) await refuse(digest, 'missing');
      const source = await artifacts.read(digest);
      async function* passOn(): AsyncGenerator<Uint8Array> {
        try {
          for await (const chunk of source) yield chunk;
        } catch (error) {
          if (!isStoreError(error, 'artifact_damaged')) throw error;
          await refuse(digest, 'damaged', error);
        }
      }
      return Readable.from(passOn(), { objectMode: false });
    },
  };
}
