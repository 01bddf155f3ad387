import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listChanges } from '#access';
import { connect, type Database, type EmbeddedPostgres, fsArtifacts, startEmbeddedPostgres } from '#store';
import type { CommandContext } from '../../../src/app/cli/context.ts';
import { addCommands } from '../../../src/app/command-line.ts';
import { writeServerFile } from '../../../src/app/serve/server-file.ts';
import { addModel } from '../../server/world.ts';
import { type Ended, runWeir } from './commands/run-weir.ts';

const PROJECT = `
import { category, defineContract, definePipeline, defineProject, fromFiles, integer, knn, number, z } from 'weir';
import { make } from './tasks.ts';

export default defineProject({
  name: 'parcels',
  title: 'Parcels',
  contract: defineContract({
    name: 'parcels',
    columns: {
      number: integer({ role: 'id', unique: true }),
      weight: number({ min: 0 }),
      outcome: category(['light', 'heavy'], { role: 'label' }),
    },
  }),
  estimator: knn({ k: 3 }),
  training: fromFiles('parcels.csv'),
  tasks: ['tasks.ts'],
  pipelines: [definePipeline({
    name: 'nightly', description: 'Makes a number', params: z.object({}),
    goals: () => [make.goal({ n: 1 })],
    goalsOf: ({ from }) => [make.goal({ n: from.getUTCDate() })],
  })],
});
`;
const tasks = (result: string): string => `
import { defineTask, value, z } from 'weir';
export const make = defineTask({
  name: 'make', params: z.object({ n: z.int() }), outputs: { made: value<number>() },
  run: async ({ params }) => ({ made: ${result} }),
});
`;
const PASSWORD = 'correct horse battery';
const CHANNEL_SECRET = 'top-secret-part-of-an-address';
const SETTINGS = {
  WEIR_ENGINE__EXECUTOR: 'inline',
  WEIR_ALERTS__CHANNELS__CHAT__KIND: 'slack',
  WEIR_ALERTS__CHANNELS__CHAT__URL: `http://127.0.0.1:9/${CHANNEL_SECRET}`,
};

/** What is done with each command, in this order. */
interface Walked {
  readonly args: readonly string[];
  /** The actions that it leaves in the audit log; of one that changes nothing, undefined: it must work where nothing can be written. */
  readonly leaves?: readonly string[];
  /** Of one that changes nothing, and stores what it computed for the next one. */
  readonly isStoring?: boolean;
  readonly code?: number;
}
const changes = (args: string, leaves: string | readonly string[], code = 0): Walked => ({
  ...{ args: args.split(' '), leaves: [leaves].flat(), code },
});
const reads = (args: string, code = 0): Walked => ({ args: args.split(' '), code });
const why = '--by ann --reason test';

/** While no Weir runs over the project: these run in the process of the command. */
const ALONE: readonly Walked[] = [
  changes('migrate --by ann', 'weir migrate'),
  changes('ingest own/good.csv', ['receiveFile', 'startRun']),
  changes('run make(n=1)', 'startRun'),
  // There is no model yet, so that the run ends as failed: that it was asked for is on record.
  changes('predict own/good.csv', 'startRun', 1),
  changes('backfill nightly --from 2026-01-01 --to 2026-01-03', 'weir backfill'),
];
const BESIDE: readonly Walked[] = [
  ...[reads('runs'), reads('runs show 1'), reads('logs 1'), reads('show make(n=1)'), reads('result make(n=1)')],
  ...[reads('explain make(n=1)'), reads('versions make(n=1)'), reads('verify make'), reads('incidents')],
  ...[
    reads('datasets'),
    reads('datasets show 1', 64),
    reads('datasets compare 1 2', 64),
    reads('datasets fetch 1', 64),
  ],
  changes(`cancel 99 --by ann`, 'cancelRun'),
  changes('labels own/labels.csv', 'sendLabels'),
  ...[reads('sources'), reads('sources removals'), changes('sources confirm 1 --reason test', 'weir sources confirm')],
  ...[changes(`pause nightly ${why}`, 'pauseSchedule'), changes(`resume nightly ${why}`, 'resumeSchedule')],
  changes(`models promote 1 ${why}`, 'promoteVersion'),
  changes(`models promote 2 ${why}`, 'promoteVersion'),
  ...[changes(`models rollback ${why}`, 'rollBackModel'), changes(`models challenge 2 ${why}`, 'challengeVersion')],
  ...[reads('models'), reads('models card 1'), { ...reads('models performance'), isStoring: true }, reads('drift 1')],
  ...[reads('alerts rules'), reads('alerts history disk-full'), reads('alerts channels')],
  ...[reads('alerts try disk-full'), changes('alerts test chat', 'testAlertChannel', 1)],
  changes(`alerts change disk-full --threshold 0.7 ${why}`, 'changeAlertRule'),
  changes(`alerts mute disk-full ${why}`, 'muteAlertRule'),
  changes(`alerts unmute disk-full ${why}`, 'unmuteAlertRule'),
  changes(`alerts ack disk-full ${why}`, 'acknowledgeAlertRule'),
  changes(`alerts reset disk-full ${why}`, 'resetAlertRule'),
  ...[changes(`keys create shop --role viewer ${why}`, 'createApiKey'), reads('keys')],
  changes(`keys revoke <key> ${why}`, 'revokeApiKey'),
  changes(`users create ada --role viewer ${why}`, 'createUser'),
  changes(`users role ada --role operator ${why}`, 'changeUserRole'),
  changes(`users reset ada ${why}`, 'resetUser'),
  ...[changes(`users disable ada ${why}`, 'disableUser'), changes(`users enable ada ${why}`, 'enableUser')],
  ...[reads('users'), reads('users list')],
  ...[changes('grafana allow --password-file own/password', 'weir grafana allow'), reads('grafana export --into out')],
  changes('grafana deny', 'weir grafana deny'),
  ...[changes(`pins version 1 ${why}`, 'weir pins version'), changes(`pins run 1 ${why}`, 'weir pins run')],
  ...[reads('pins'), changes('pins withdraw 1 --by ann', 'weir pins withdraw')],
  ...[changes('gc --by ann', 'weir gc'), changes('scrub', 'weir scrub')],
  ...[reads('migrate --check'), reads('deploy export', 64), reads('workers')],
  changes('workers drain host-1 --by ann', 'weir workers drain'),
  ...[reads('acceptances'), reads('settings server')],
  ...[
    reads('check own/good.csv', 1),
    reads('profile own/good.csv'),
    reads('split own/good.csv --into parts --files 2'),
  ],
  reads('corrupt own/good.csv --out own/bad.csv --kinds missing-column'),
];
/** A project that does not exist yet, the server, whose changes are those of its requests, a worker, which has none, and what installs a library. */
const ELSEWHERE = ['init', 'serve', 'worker', 'native add'];

let folder: string;
let postgres: EmbeddedPostgres;
let database: Database;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-on-record-'));
  // As root the server runs as somebody else, who must be able to go in.
  await chmod(folder, 0o711);
  for (const name of ['own', 'config']) await mkdir(path.join(folder, name));
  await write('project.ts', PROJECT);
  await write('tasks.ts', tasks('params.n'));
  await write('config/base.yaml', "schedules:\n  nightly: '0 0 * * *'\n");
  await write('own/good.csv', 'number,weight,outcome\n1,2.5,light\n2,80,heavy\n');
  await write('own/labels.csv', 'number,outcome\n1,heavy\n');
  await write('own/password', PASSWORD);
  postgres = await startEmbeddedPostgres({ stateFolder: path.join(folder, 'server'), log: () => {} });
  database = connect({ url: postgres.url });
});
afterAll(async () => {
  await database.close();
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});

const write = (name: string, text: string): Promise<void> => writeFile(path.join(folder, name), text);
let key = '';

async function weir(args: readonly string[]): Promise<Ended> {
  const given = args.map((arg) => (arg === '<key>' ? key : arg));
  const ended = await runWeir(given, folder, { ...SETTINGS, DATABASE_URL: postgres.url });
  if (args[0] === 'keys' && args[1] === 'create') key = ended.out.trim();
  return ended;
}

const entries = (): Promise<readonly { readonly id: string; readonly action: string }[]> =>
  database.query(
    `select id::text, action, actor_kind as kind, actor_id as "user", actor, outcome, reason, before, after
     from weir.audit_log order by audit_log.id`,
  );
const lockDatabase = (isLocked: boolean) =>
  database.query(
    `alter database ${new URL(postgres.url).pathname.slice(1)} set default_transaction_read_only = ${isLocked}`,
  );

async function walk({ args, leaves, isStoring, code }: Walked): Promise<void> {
  const name = args.join(' ');
  if (leaves === undefined) {
    await lockDatabase(isStoring !== true);
    const { code: ended, err, out } = await weir(args).finally(() => lockDatabase(false));
    expect.soft(err, name).not.toContain('read-only');
    expect.soft(ended, `${name}: ${err}${out}`).toBe(code);
    return;
  }
  const before = await entries().catch(() => []);
  const { code: ended, err, out } = await weir(args);
  const left = (await entries()).slice(before.length);
  expect.soft(ended, `${name}: ${err}${out}`).toBe(code);
  const actor = args.includes('--by') ? 'ann' : userInfo().username;
  const reason = args.includes('--reason') ? 'test' : null;
  const entry = { kind: 'command', user: userInfo().username, actor, reason, outcome: 'done' };
  expect.soft(left, `${name}: ${out}`).toMatchObject(leaves.map((action) => ({ action, ...entry })));
}

describe('the audit log, about commands', () => {
  it('has a step here for each command that does something', () => {
    const program = new Command('weir');
    // To be listed, a command takes nothing of its context.
    addCommands(program, {} as CommandContext);
    const isDone = (command: Command): boolean => Reflect.get(command, '_actionHandler') !== null;
    const names = program.commands
      .flatMap((command) => [command, ...command.commands].filter(isDone))
      .map((command) => `${command.parent === program ? '' : `${command.parent?.name()} `}${command.name()}`);
    const walked = [...ALONE, ...BESIDE, ...ACCEPTING].map(({ args }) => args);
    const isWalked = (name: string): boolean =>
      ELSEWHERE.includes(name) || walked.some((args) => `${args.join(' ')} `.startsWith(`${name} `));
    expect(names.length).toBeGreaterThan(50);
    expect(names.filter((name) => !isWalked(name))).toEqual([]);
  });

  it('has each change by a command: who, what, why, before and after; the others work where nothing can be written', async () => {
    for (const step of ALONE) await walk(step);
    const state = path.join(folder, '.weir');
    // As a Weir that runs over the project notes it.
    await writeServerFile(state, { url: 'http://127.0.0.1:9', databaseUrl: postgres.url });
    const artifacts = await fsArtifacts({ folder: path.join(state, 'artifacts') });
    for (const k of [3, 5]) await addModel({ database, artifacts }, { k });
    for (const sql of PREPARED) await database.query(sql);
    for (const step of BESIDE) await walk(step);
    await write('tasks.ts', tasks('params.n + 0'));
    for (const step of ACCEPTING) await walk(step);
  });

  it('says what was so before and after', async () => {
    const all = await entries();
    const of = (action: string) => all.findLast((entry) => entry.action === action);
    expect(of('promoteVersion')).toMatchObject({ before: { champion: 1 }, after: { champion: 2 } });
    expect(of('rollBackModel')).toMatchObject({ before: { champion: 2 }, after: { champion: 1 } });
    expect(of('pauseSchedule')).toMatchObject({ before: { pause: null }, after: { pause: { by: 'ann' } } });
    expect(of('changeAlertRule')).toMatchObject({ after: { rule: { name: 'disk-full', threshold: 0.7 } } });
    expect(of('changeUserRole')).toMatchObject({ before: { role: 'viewer' }, after: { role: 'operator' } });
    expect(of('disableUser')).toMatchObject({ after: { state: 'disabled' } });
  });

  it('finds what a user of the operating system did, also under another name', async () => {
    const { items } = await listChanges(database, { search: userInfo().username, limit: 200 });
    expect(items.map(({ actor }) => actor)).toContainEqual({ kind: 'command', id: userInfo().username, name: 'ann' });
  });

  it('has what failed, with the code of its error', async () => {
    const before = await entries();
    expect((await weir(['models', 'promote', '99', '--by', 'ann', '--reason', 'test'])).code).not.toBe(0);
    const [left] = await database.query<{ code: string }>(
      `select outcome, action, target, code, after from weir.audit_log where id > $1`,
      [before.at(-1)?.id],
    );
    expect(left).toMatchObject({ outcome: 'failed', action: 'promoteVersion', target: 'version=99', after: null });
    expect(left?.code).toMatch(/^[a-z_]+$/);
  });

  it('has no secret that a command was given or made', async () => {
    const text = JSON.stringify(await entries());
    const secrets = [PASSWORD, CHANNEL_SECRET, key.split('_')[2] ?? ''];
    expect(key).toMatch(/^weir_/);
    for (const secret of secrets) expect(text).not.toContain(secret);
  });
});

const PREPARED = [
  `insert into weir.source_listings (source, number, digest) values ('posts', 0, 'd')`,
  `insert into weir.source_removals (source, names, partition_count, state) values ('posts', '{a,b}', 3, 'waiting')`,
  `insert into weir.runs (id, pipeline, state, trigger) overriding system value values (99, 'nightly', 'queued', 'manual')`,
  `insert into weir.workers (id, name, version, runtime, labels, slots)
   values ('00000000-0000-4000-8000-000000000001', 'host-1', '1', '1', '{default}', 1)`,
  `insert into weir.alert_rule_states (rule, state, since, value, had_data, evaluated_at)
   values ('disk-full', 'firing', '2026-03-01T10:00Z', 0.95, true, now())`,
];
const ACCEPTING: readonly Walked[] = [changes(`accept make ${why}`, 'weir accept')];
