import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type AlertRule, defaultRules, listAlerts, muteRule, withFields } from '#monitor';
import type { Database } from '#store';
import { evaluateRules } from '../../../src/monitor/rules/evaluate-rules.ts';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import { addFile, atMinute } from './history.ts';

const channels = [{ name: 'chat' }];
const badFiles = withFields({ name: 'bad', origin: 'settings' }, { kind: 'bad-files', params: { filesMin: 1 } });

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(() =>
  database.query('truncate alerts, alert_rule_states, alert_rule_transitions, alert_mutes, checks cascade'),
);

const evaluate = (
  minute: number,
  { defined = [badFiles], onError }: { defined?: AlertRule[]; onError?: () => void } = {},
) =>
  evaluateRules(database, {
    ...{ defined, model: 'parcels', channels, link: null, at: atMinute(minute) },
    ...(onError === undefined ? {} : { onError }),
  });
const titles = async (): Promise<readonly string[]> =>
  (await listAlerts(database, { limit: 50, sort: 'created' })).items.map(({ title }) => title);

describe('evaluating alert rules', () => {
  it('tells of a change once, however many servers evaluate at once', async () => {
    await addFile(database, { minute: 1, good: 0 });
    const done = await Promise.all([1, 1, 1, 1].map((minute) => evaluate(minute)));
    expect(done.filter((isDone) => isDone)).toHaveLength(1);
    expect(await titles()).toEqual(['bad']);
    expect(await evaluate(0), 'an earlier moment than was evaluated').toBe(false);
  });

  it('raises no notice while a rule is muted, and tells what is still true when the mute ends', async () => {
    await muteRule(database, { rule: 'bad', from: atMinute(0), until: atMinute(5), by: 'Ada', reason: 'known' });
    await addFile(database, { minute: 1, good: 0 });
    await evaluate(2);
    expect(await titles()).toEqual([]);
    await evaluate(5);
    expect(await titles()).toEqual(['bad']);
  });

  it('tells that it is over when a rule that fired is switched off, or is no longer there', async () => {
    await addFile(database, { minute: 1, good: 0 });
    const other = { ...badFiles, name: 'other', title: 'other' };
    await evaluate(2, { defined: [badFiles, other] });
    await evaluate(3, { defined: [{ ...badFiles, enabled: false }] });
    expect(await titles()).toEqual(['bad, other', 'Recovered: bad', 'Recovered: other']);
    const rows = await database.query<{ rule: string }>('select rule from alert_rule_states');
    expect(rows).toEqual([{ rule: 'bad' }]);
  });

  it('names the run that a notice is about: the newest that failed', async () => {
    const failing = withFields(
      { name: 'import-failed', origin: 'settings' },
      { kind: 'run-failed', params: { pipeline: 'import' } },
    );
    const ids: string[] = [];
    for (const [minute, state] of [
      [1, 'failed'],
      [2, 'failed'],
      [3, 'skipped'],
    ] as const) {
      const [run] = await database.query<{ id: string }>(
        `insert into runs (pipeline, state, trigger, created_at, started_at, ended_at, settled_at)
         values ('import', $1, 'manual', $2, $2, $2, $2) returning id::text`,
        [state, atMinute(minute)],
      );
      ids.push(run?.id ?? '');
    }
    await addFile(database, { minute: 1, good: 0 });
    await evaluate(4, { defined: [badFiles, { ...failing, group: 'runs' }] });
    const { items } = await listAlerts(database, { limit: 50 });
    expect(Object.fromEntries(items.map(({ title, runId }) => [title, runId]))).toEqual({
      'import-failed': ids[1],
      bad: null,
    });
  });

  it('gives a rule that cannot be measured no data, and evaluates the others', async () => {
    await addFile(database, { minute: 1, good: 0 });
    const errors: unknown[] = [];
    await database.query('alter table check_problems rename to check_problems_away');
    const missing = withFields({ name: 'missing', origin: 'settings' }, { kind: 'missing-column' });
    await evaluate(2, { defined: [missing, badFiles], onError: () => errors.push('error') });
    await database.query('alter table check_problems_away rename to check_problems');
    expect(errors).toHaveLength(1);
    expect(await database.query('select rule, state from alert_rule_states order by rule')).toEqual([
      { rule: 'bad', state: 'firing' },
      { rule: 'missing', state: 'no-data' },
    ]);
  });
});

describe('the default rules', () => {
  it('watch pipelines and Weir itself where there is no model', () => {
    const rules = defaultRules({
      ...{ hasModel: false, tolerance: 0.01 },
      schedules: [{ pipeline: 'nightly', intervalMinutes: 1440 }],
    });
    expect(rules.map(({ name, threshold }) => [name, threshold])).toEqual([
      ['nightly-failed', 1],
      ['nightly-late', 3],
      ['delivery-dead', 1],
      ['disk-full', 0.9],
      ['database-unreachable', 2],
    ]);
  });

  it('expect no files and no predictions where nothing runs on a schedule', () => {
    const rules = defaultRules({ hasModel: true, tolerance: 0.01, schedules: [] });
    const off = rules.filter(({ enabled }) => !enabled).map(({ name }) => name);
    expect(off).toEqual(['no-file', 'backlog', 'predictions-skipped']);
  });
});
