import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { TaskError } from '#engine';
import type { Meeting } from '#ml';
import { type Database, type Queryable, toCountText } from '#store';

/** How long a part waits until all have a slot, and then until all are connected. */
const WAIT_MS = 120_000;
const CONNECT_MS = 20_000;
const LOOK_MS = 300;
const SECRET_BYTES = 32;
/** A part that has not looked for so long is dead. */
const FRESH_SECONDS = 10;

interface Part {
  /** Identity of the training. */
  readonly training: string;
  readonly part: number;
  readonly parts: number;
  /** The address at which the others reach this machine. */
  readonly host: string;
}

interface Waiting {
  readonly signal: AbortSignal;
  readonly waitMs?: number;
}

type Place = Part & { readonly member: string };

/** One part of a training, which learns where the others are; `leave` when it has ended, however it did. */
export function joinTraining(database: Database, part: Part, { signal, waitMs = WAIT_MS }: Waiting) {
  const place: Place = { ...part, member: randomUUID() };
  return {
    /** Waits until all parts are there, and returns where each is. Those of an attempt that failed do not count. */
    meet: async (port: number): Promise<Meeting> => {
      await arrive(database, { ...place, port });
      // Counted instead of measured, so that a clock that is set changes nothing.
      for (let looks = 0; looks * LOOK_MS < waitMs; looks += 1) {
        const found = await database.transaction((tx) => look(tx, place));
        if (found !== undefined) return { ...found, rank: place.part, waitMs: CONNECT_MS };
        await setTimeout(LOOK_MS, undefined, { signal });
      }
      throw await tooFew(database, place, waitMs);
    },
    leave: async (): Promise<void> => {
      await database.query('delete from training_parts where member = $1', [place.member]);
    },
  };
}

async function arrive(
  database: Database,
  { training, part, member, host, port }: Place & { readonly port: number },
): Promise<void> {
  await database.query(
    `insert into training_parts (training, part, member, host, port) values (md5($1), $2, $3, $4, $5)
     on conflict (training, part) do update set member = excluded.member, host = excluded.host, port = excluded.port,
       seen_at = excluded.seen_at, round = null, secret = null`,
    [training, part, member, host, port],
  );
}

/** Says that the part waits, begins the round when all do, and returns the parts of the round once there is one. */
async function look(
  tx: Queryable,
  { training, member, parts }: Place,
): Promise<Pick<Meeting, 'machines' | 'secret'> | undefined> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`weir training ${training}`]);
  await tx.query('update training_parts set seen_at = clock_timestamp() where member = $1', [member]);
  const waiting = `training = md5($1) and round is null and seen_at > clock_timestamp() - interval '${FRESH_SECONDS} s'`;
  await tx.query(
    `update training_parts set round = $2, secret = $3
     where ${waiting} and (select count(*) from training_parts where ${waiting}) = $4`,
    [training, randomUUID(), randomBytes(SECRET_BYTES).toString('hex'), parts],
  );
  const round = await tx.query<{ host: string; port: number; secret: string }>(
    `select host, port, secret from training_parts
     where round = (select round from training_parts where member = $1) order by part`,
    [member],
  );
  const secret = round[0]?.secret;
  return secret === undefined || round.length < parts ? undefined : { machines: round, secret };
}

async function tooFew(database: Database, { training, parts }: Place, waitMs: number): Promise<TaskError> {
  const [row] = await database.query<{ count: number }>(
    'select count(*)::int as count from training_parts where training = md5($1)',
    [training],
  );
  return new TaskError(
    `Expected ${parts} parts to train at the same time; ${toCountText(row?.count ?? 0, 'part')} came within ${waitMs / 1000} s. Give the workers as many slots together (engine.slots), or lower training.parts.`,
    { class: 'infrastructure' },
  );
}
