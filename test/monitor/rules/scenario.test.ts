import { beforeAll, describe, expect, it } from 'vitest';
import { defaultRules, deliverAlerts, raiseFileAlert, webhookChannel, withFields } from '#monitor';
import type { Database, Transaction } from '#store';
import { createEvaluator } from '../../../src/monitor/rules/start-rules.ts';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import { alertFor } from '../alerts/results.ts';
import { addDriftWindow, addFile, addNormalHour, addPredictions, addRun, atMinute, minuteOf } from './history.ts';
import { startWebhook } from './webhook.ts';

const [START, END] = [58, 146];
const schedules = [
  { pipeline: 'ingest', intervalMinutes: 1 },
  { pipeline: 'predict', intervalMinutes: 2 },
];
// A shorter window, so that the day is shorter.
const defined = defaultRules({ hasModel: true, tolerance: 0.01, schedules }).map((rule) =>
  rule.name === 'constant-prediction' ? withFields(rule, { params: { windowMinutes: 15 } }) : rule,
);

const isBad = (minute: number): boolean => minute >= 60 && minute < 75;
const isSilent = (minute: number): boolean => minute >= 75 && minute < 100;
const isConstant = (minute: number): boolean => minute >= 112 && minute < 136;
const isDead = (minute: number): boolean => minute >= 60 && minute < 80;

interface Scene {
  readonly database: Database;
  readonly channels: ReturnType<typeof webhookChannel>[];
}

/** What happens in a minute of the simulated day. */
async function happen({ database, channels }: Scene, minute: number): Promise<void> {
  const state = isSilent(minute) ? 'skipped' : 'succeeded';
  await addRun(database, { minute, pipeline: 'ingest', state });
  if (minute % 2 === 0) await addRun(database, { minute, pipeline: 'predict', state });
  if (minute % 10 === 0) await addDriftWindow(database, { minute, drifted: minute === 110 });
  if (isSilent(minute)) return;
  await addFile(database, { minute, ...(isBad(minute) ? { good: 0, missing: 'weight' } : { good: 98 }) });
  await addPredictions(database, { minute, answers: isConstant(minute) ? { kept: 20 } : { kept: 12, broken: 8 } });
  if (!isBad(minute)) return;
  const alert = { ...alertFor({}, `file-${minute}`), title: `Data problems in file-${minute}.csv` };
  await database.transaction((tx) =>
    raiseFileAlert(tx, { ...alert, criticality: 'high', channels, at: atMinute(minute) }),
  );
}

type Kill = 'none' | 'before the commit' | 'after the commit';

/** The database of an evaluator whose process ends when it commits. */
function dying(database: Database, kill: Kill): Database {
  return {
    url: database.url,
    query: (...asked) => database.query(...asked),
    listen: (...asked) => database.listen(...asked),
    copyToCsv: (sql) => database.copyToCsv(sql),
    close: () => database.close(),
    transaction: async <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => {
      const result = await database.transaction(async (tx) => {
        const done = await work(tx);
        // Ends the connection before anything is committed, as the end of its process does.
        if (kill === 'before the commit') await tx.query('select pg_terminate_backend(pg_backend_pid())');
        return done;
      });
      if (kill === 'after the commit') throw new Error('killed after the commit');
      return result;
    },
  };
}

/** Plays the day, and gives the alerts that were sent, how many were held, and what each channel got. */
async function play(killOf: (minute: number) => Kill) {
  const [database, good, dead] = await Promise.all([createTestDatabase(), startWebhook(), startWebhook()]);
  const channels = [webhookChannel({ name: 'good', url: good.url }), webhookChannel({ name: 'dead', url: dead.url })];
  let minute = START;
  const now = (): Date => atMinute(minute);
  const gauges = { backlog: async () => 0, 'disk-used': async () => 0.4 };
  const options = { defined, channels, gauges, model: 'parcels', link: null };
  const evaluatorOn = (over: Database) => createEvaluator(over, options, { now, onError: () => {} });
  await addNormalHour(database, START);
  let evaluator = evaluatorOn(database);
  for (; minute < END; minute += 1) {
    dead.isDead = isDead(minute);
    await happen({ database, channels }, minute);
    const kill = killOf(minute);
    if (kill !== 'none') {
      await evaluatorOn(dying(database, kill)).pass();
      // The next process knows nothing of what the one before remembered.
      evaluator = evaluatorOn(database);
    }
    await evaluator.pass();
    await deliverAlerts(database, channels, { now, random: () => 1 });
  }
  const alerts = await database.query<{ at: Date; title: string; state: string; held: boolean }>(
    'select created_at as at, title, state, grouped_into is not null as held from alerts order by created_at, id',
  );
  const transitions = await database.query<{ at: Date; rule: string; to: string }>(
    'select at, rule, to_state as "to" from alert_rule_transitions order by at, rule',
  );
  await Promise.all([good.close(), dead.close(), database.close()]);
  const sent = alerts.filter(({ held }) => !held);
  return {
    sent: sent.map(({ at, title, state }) => `${minuteOf(at)} ${state}: ${title}`),
    held: alerts.length - sent.length,
    // Those that are due together are sent together: in which order they arrive is chance.
    received: { good: [...good.titles].sort(), dead: [...dead.titles].sort() },
    transitions: transitions.map(({ at, rule, to }) => `${minuteOf(at)} ${rule} ${to}`),
  };
}

const EXPECTED = [
  '60 firing: Data problems in file-60.csv',
  '60 firing: Files lack a required column',
  '62 firing: Alerts do not reach the channel dead',
  '69 firing: Every file is bad',
  '70 firing: Many rows are bad',
  '75 firing: 14 more files have data problems',
  '79 firing: No files arrive',
  '93 resolved: The channel dead accepts alerts again',
  '94 firing: Predictions are skipped',
  '105 firing: Recovered: Files lack a required column',
  '105 firing: Recovered: No files arrive',
  '105 resolved: Recovered: Predictions are skipped',
  '106 resolved: Recovered: Every file is bad',
  '109 resolved: Recovered: Many rows are bad',
  '110 firing: Arriving rows differ from the training rows',
  '125 resolved: Recovered: Arriving rows differ from the training rows',
  '127 firing: The model says the same of everything',
  '142 resolved: Recovered: The model says the same of everything',
];
const titleOf = (line: string): string => line.replace(/^\d+ \w+: /, '');
const isOfChannel = (title: string): boolean => title.includes('channel dead');

describe('a day with bad files, silence, drift, a constant model and a dead webhook', () => {
  let quiet: Awaited<ReturnType<typeof play>>;
  let killed: Awaited<ReturnType<typeof play>>;
  beforeAll(async () => {
    const kills: readonly Kill[] = ['none', 'before the commit', 'after the commit'];
    [quiet, killed] = await Promise.all([play(() => 'none'), play((minute) => kills[minute % kills.length] ?? 'none')]);
  }, 180_000);

  it('gives exactly the expected alerts and notices, each once', () => {
    expect(quiet.sent).toEqual(EXPECTED);
    expect(quiet.held).toBe(14);
  });

  it('tells each channel of each alert once, and the dead one when it accepts alerts again', () => {
    const titles = EXPECTED.map(titleOf);
    expect([...quiet.received.good].sort()).toEqual([...titles].sort());
    expect([...quiet.received.dead].sort()).toEqual(titles.filter((title) => !isOfChannel(title)).sort());
  });

  it('is the same where the evaluator is killed before and after its commits', () => {
    expect(killed).toEqual(quiet);
  });
});
