import type { ArtifactDriver, Queryable } from '#store';
import { type Artifact, type Artifacts, digestsOf, INLINE_BYTES_MAX, type InputRecord } from '../define/artifact.ts';
import type { Goal, Json } from '../define/goal.ts';
import { digestOf } from '../define/key.ts';
import type { Listing, SourceRole } from '../define/partitions.ts';

/**
 * What a goal of a source reads besides its params: it is part of the key, and input of the attempt, under the name
 * `pinned`.
 */
export interface ListedInput {
  readonly artifacts: Artifacts;
  readonly record: InputRecord;
}

export interface SourceView {
  readonly database: Queryable;
  readonly artifacts: ArtifactDriver;
  readonly listing: Listing;
  /** Whether values too large for a row are stored, for an attempt to read. */
  readonly isStoring: boolean;
}

/** What the goal reads of the run's listing; a reason when it cannot be computed from it. */
export async function inputOfSource(goal: Goal, role: SourceRole, view: SourceView): Promise<ListedInput | string> {
  const { listing } = view;
  // Guaranteed by the params schema of each of these tasks.
  const name = goal.params.name as string;
  switch (role.reads) {
    case 'partitions':
      return listed(role, { names: await toValue([...listing.keys()], view) });
    case 'presence':
      return listed(role, { isPresent: await toValue(listing.has(name), view) });
    case 'partition': {
      const digest = listing.get(name);
      return digest === undefined
        ? describeAbsent(role, { name, view })
        : listed(role, { digest: await toValue(digest, view) });
    }
    case 'last-partition':
      return lastPartition(role, { name, view });
    default:
      return role.reads satisfies never;
  }
}

interface Asked {
  readonly name: string;
  readonly view: SourceView;
}

async function lastPartition(role: SourceRole, { name, view }: Asked): Promise<ListedInput | string> {
  const { database, artifacts } = view;
  const present = view.listing.get(name);
  if (present !== undefined) return listed(role, { digest: await toValue(present, view) });
  const [last] = await database.query<{ digest: string }>(
    'select digest from source_partitions where source = $1 and name = $2 order by since desc limit 1',
    [role.reader.name, name],
  );
  const kept = last && (await artifacts.stat(last.digest));
  if (last === undefined || kept === undefined) return describeAbsent(role, { name, view });
  const input = listed(role, { digest: await toValue(last.digest, view) });
  // The bytes do not enter the key a second time.
  return { ...input, artifacts: { ...input.artifacts, content: { kind: 'blob', ...kept } } };
}

async function describeAbsent({ reader }: SourceRole, { name, view }: Asked): Promise<string> {
  const [last] = await view.database.query<{ removedAt: Date | null }>(
    `select l.recorded_at as "removedAt" from source_partitions p
     left join source_listings l on l.source = p.source and l.number = p.until
     where p.source = $1 and p.name = $2 order by p.since desc limit 1`,
    [reader.name, name],
  );
  const partition = `Partition ${JSON.stringify(name)} of source ${reader.name}`;
  if (last === undefined) return `${partition} is not there, and never was. Ask for a partition that the source lists.`;
  const seen = last.removedAt === null ? '' : ` (seen ${last.removedAt.toISOString()})`;
  return `${partition} was removed${seen}, so what needs it is stale. Use lastPartition to read what it was, if it was ever read.`;
}

async function toValue(value: Json, { artifacts, isStoring }: SourceView): Promise<Artifact> {
  const bytes = Buffer.from(JSON.stringify(value));
  const known = { kind: 'value', digest: digestOf(bytes), sizeBytes: bytes.length } as const;
  if (bytes.length <= INLINE_BYTES_MAX) return { ...known, value };
  return isStoring ? { kind: 'value', ...(await artifacts.put(bytes)) } : known;
}

function listed(role: SourceRole, artifacts: Artifacts): ListedInput {
  return { artifacts, record: { task: role.reader.name, key: '', digests: digestsOf(artifacts) } };
}
