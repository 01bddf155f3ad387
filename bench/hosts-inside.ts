/** What `npm run bench hosts` starts in namespaces of its own: hosts, and everything on them. */
import { startCeph } from '../test/store/s3/ceph.ts';
import { FAULTS } from './hosts-faults.ts';
import { HUB, layNetwork } from './hosts-network.ts';
import { startPostgres } from './hosts-postgres.ts';
import { GOALS, HEADER, type Suffered, suffer, toRow } from './hosts-suffer.ts';
import { startWorld, type TransportName, type World } from './hosts-world.ts';
import { table } from './table.ts';

/** What is said to the bench, which prints it. */
export type FromInside = { readonly say: string } | { readonly section: string };

const BUCKET = 'hosts';

const [folder = '', ...wanted] = process.argv.slice(2);
// When the bench is gone nobody wants this; the kernel ends all processes with this one, the first of its namespace.
const abandoned = (): never => process.exit(1);
process.once('disconnect', abandoned);
const tell = (message: FromInside): void => void process.send?.(message);
process.exitCode = (await disturbAll()) ? 0 : 1;
process.off('disconnect', abandoned);
process.disconnect();

/** Whether everything held. */
async function disturbAll(): Promise<boolean> {
  const [database, scheduler, worker] = await layNetwork(['database', 'scheduler', 'worker']);
  if (database === undefined || scheduler === undefined || worker === undefined)
    throw new Error('Three hosts were laid.');
  tell({ say: 'starting PostgreSQL on the first host, and a Ceph beside them' });
  const [postgres, ceph] = await Promise.all([startPostgres(database, folder), startCeph({ address: HUB })]);
  await ceph.createBucket(BUCKET);
  let holds = true;
  try {
    const transports: readonly TransportName[] = ['pg-boss', 'temporal'];
    for (const transport of transports.filter((name) => isWanted(name, transports))) {
      const hosts = { database, scheduler, worker };
      const world = await startWorld({
        ...{ hosts, postgres, transport, scratch: folder, bucket: BUCKET, s3: ceph.settings },
      });
      const rows = await sufferAll(world, transport);
      await world.close();
      holds &&= rows.every(({ broken }) => broken.length === 0);
      tell({ section: `### ${GOALS} goals over ${transport}\n\n${table(HEADER, rows.map(toRow))}` });
    }
    return holds;
  } finally {
    await ceph.stop();
    await postgres.stop('SIGINT');
  }
}

/** Words of the command that name some of these choose them; without any, all are wanted. */
function isWanted(name: string, all: readonly string[]): boolean {
  const named = all.filter((each) => wanted.some((word) => each.includes(word)));
  return named.length === 0 || named.includes(name);
}

async function sufferAll(world: World, transport: TransportName): Promise<readonly Suffered[]> {
  const rows: Suffered[] = [];
  const names = FAULTS.map(({ name }) => name);
  for (const fault of FAULTS.filter(({ name, over = transport }) => over === transport && isWanted(name, names))) {
    tell({ say: `${transport}: ${fault.name}` });
    await world.untilQuiet();
    const row = await suffer(fault, world);
    tell({ say: toRow(row).join(' | ') });
    rows.push(row);
    // What hangs would only make what follows wait.
    if (row.broken.length > 0) await world.reset();
  }
  return rows;
}
