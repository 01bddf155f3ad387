import { readFile } from 'node:fs/promises';
import { type Fault, inflict } from './hosts-faults.ts';
import { type Member, until, type World } from './hosts-world.ts';

export const GOALS = 240;
/** The fault comes when this share of the goals has had its effect. */
const BEGUN_SHARE = 0.25;
/** All goals are complete after the fault within this time. */
const COMPLETE_MS_MAX = 180_000;
/** Another server leads within this time. */
const TAKEN_OVER_MS_MAX = 15_000;

/** One line that an attempt wrote. */
interface Said {
  readonly fault: string;
  readonly n: number;
  readonly what: 'began' | 'wrote' | 'failed';
  /** Its process. */
  readonly worker: number;
}

/** A worker that fails has so many attempts in hand, and has run others. */
const IN_HAND_MIN = 2;

export interface Suffered {
  readonly fault: string;
  readonly completeSeconds: number;
  readonly leaderSeconds: number | undefined;
  readonly attempts: number;
  /** Attempts that failed or were lost. */
  readonly vain: number;
  /** How often the task itself began. */
  readonly begun: number;
  /** What did not hold. */
  readonly broken: readonly string[];
}

const TRIED = `select count(*)::int as attempts, (count(*) filter (where outcome <> 'succeeded'))::int as vain
  from weir.attempts where run_id = $1`;

/** Runs goals, does it to them in the middle, and finds what became of all of it. */
export async function suffer(fault: Fault, world: World): Promise<Suffered> {
  const leader = await until('a server leads', () => world.maybeLeader());
  const [, lastWorker] = world.workers;
  const member = fault.of === 'leader' ? leader : lastWorker;
  if (member === undefined) throw new Error('There are two workers.');
  const run = await world.startRun(leader, { fault: fault.name, goals: GOALS, record: world.record });
  await until('a share of the goals has had its effect', async () => {
    const effects = await effectsOf(world, fault.name);
    if (effects.length < GOALS * BEGUN_SHARE) return undefined;
    return fault.of !== 'worker' || (await isBusy(world, { fault: fault.name, member })) ? true : undefined;
  });
  const begun = performance.now();
  const since = (): number => (performance.now() - begun) / 1_000;
  const taking = fault.of === 'leader' ? untilAnotherLeads(world, leader).then(since) : Promise.resolve(undefined);
  taking.catch(() => undefined);
  const broken: string[] = [];
  const complete = untilEnded(world, run)
    .then((state) => {
      if (state !== 'succeeded') broken.push(`the run ${state}`);
    })
    .catch((error: unknown) => {
      broken.push(String(error));
    })
    .then(since);
  await inflict(fault, { world, member, complete });
  const completeSeconds = await complete;
  const leaderSeconds = await taking.catch((error: unknown) => {
    broken.push(String(error));
    return undefined;
  });
  // Late ones have had their chance.
  await world.untilQuiet().catch((error: unknown) => broken.push(String(error)));
  broken.push(...(await findBroken(world, { fault: fault.name, run })));
  const said = await saidOf(world, fault.name);
  const [tried] = (await world.maybeState<{ attempts: number; vain: number }>(TRIED, [run])) ?? [];
  return {
    ...{ fault: fault.name, completeSeconds, leaderSeconds, broken },
    ...{ attempts: tried?.attempts ?? 0, vain: tried?.vain ?? 0 },
    begun: said.filter(({ what }) => what === 'began').length,
  };
}

async function isBusy(
  world: World,
  { fault, member }: { readonly fault: string; readonly member: Member },
): Promise<boolean> {
  const said = (await saidOf(world, fault)).filter(({ worker }) => worker === member.process.pid);
  const begun = said.filter(({ what }) => what === 'began').length;
  const ended = said.length - begun;
  return ended > 0 && begun - ended >= IN_HAND_MIN;
}

const untilEnded = (world: World, run: string): Promise<string> =>
  until(
    'all goals are complete',
    async () => {
      const [found] =
        (await world.maybeState<{ state: string }>(
          `select state from weir.runs where id = $1 and state not in ('queued', 'running')`,
          [run],
        )) ?? [];
      return found?.state;
    },
    COMPLETE_MS_MAX,
  );

const untilAnotherLeads = (world: World, leader: object): Promise<true> =>
  until(
    'another server leads',
    async () => {
      const now = await world.maybeLeader();
      return now !== undefined && now !== leader ? true : undefined;
    },
    TAKEN_OVER_MS_MAX,
  );

interface Effect {
  readonly n: number;
  readonly count: number;
}

const effectsOf = async (world: World, fault: string): Promise<readonly Effect[]> =>
  (await world.maybeEffects<Effect>('select n, count(*)::int as count from effects where fault = $1 group by n', [
    fault,
  ])) ?? [];

/** What does not hold once everything is over: each effect once, each goal with one success, and no claim left. */
async function findBroken(
  world: World,
  { fault, run }: { readonly fault: string; readonly run: string },
): Promise<readonly string[]> {
  const effects = await effectsOf(world, fault);
  const more = effects.filter(({ count }) => count !== 1).length;
  const [found] =
    (await world.maybeState<{ goals: number; successes: number; claims: number }>(
      `select (select count(*)::int from weir.task_runs where run_id = $1 and state in ('succeeded', 'cached')) as goals,
         (select count(*)::int from weir.attempts where run_id = $1 and outcome = 'succeeded') as successes,
         (select count(*)::int from weir.claims) as claims`,
      [run],
    )) ?? [];
  return [
    ...(effects.length === GOALS ? [] : [`${effects.length} of ${GOALS} effects are there`]),
    ...(more === 0 ? [] : [`${more} effects are there more than once`]),
    ...(found?.goals === GOALS ? [] : [`${found?.goals} of ${GOALS} goals are complete`]),
    ...(found?.successes === GOALS ? [] : [`${found?.successes} attempts succeeded`]),
    ...(found?.claims === 0 ? [] : [`${found?.claims} claims stay`]),
  ];
}

async function saidOf({ record }: World, fault: string): Promise<readonly Said[]> {
  const lines = (await readFile(record, 'utf8')).trim().split('\n');
  // Written by the task of the fixture.
  return lines.map((line) => JSON.parse(line) as Said).filter((said) => said.fault === fault);
}

export const HEADER = [
  ...['', 'complete after', 'another server leads after'],
  ...['attempts', 'failed or lost', 'tasks begun', 'effects exactly once'],
];

/** The cells of its row. */
export function toRow(row: Suffered): readonly string[] {
  const { fault, completeSeconds, leaderSeconds, attempts, vain, begun, broken } = row;
  const seconds = (value: number | undefined): string => (value === undefined ? '–' : `${value.toFixed(1)} s`);
  return [
    ...[fault, seconds(completeSeconds), seconds(leaderSeconds)],
    ...[String(attempts), String(vain), String(begun)],
    broken.length === 0 ? `all ${GOALS}` : `**no**: ${broken.join('; ')}`,
  ];
}
