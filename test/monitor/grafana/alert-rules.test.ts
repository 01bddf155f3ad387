import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { conditionOf, defaultRules, grantReader, READER, readableOf, withFields } from '#monitor';
import type { Database } from '#store';
import { alertRulesFor } from '../../../src/monitor/grafana/alert-rules.ts';
import { CONTACT_POINTS, contactPointsOf, policiesOf } from '../../../src/monitor/grafana/contact-points.ts';
import { ruleQuery } from '../../../src/monitor/grafana/rule-query.ts';
import type { Condition } from '../../../src/monitor/rules/conditions/condition.ts';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import { at, seed } from '../dashboards/seed.ts';
import { asGrafana } from './grafana-query.ts';
import { misfits } from './published-types.ts';

const PROJECT = { name: 'passengers', title: 'Passengers $1' };
const schedules = ['ingest', 'predict', 'train'].map((pipeline) => ({ pipeline, intervalMinutes: 5 }));
const rules = [
  ...defaultRules({ hasModel: true, tolerance: 0.01, schedules }),
  withFields(
    { name: 'lacks-price', origin: 'settings' },
    { kind: 'missing-column', params: { column: "it's $__timeTo()" } },
  ),
];

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
  await seed(database);
  await database.query('delete from gauges');
  await database.query(
    `insert into gauges (gauge, at, value) select gauge, $1::timestamptz - number * interval '1 minute', 10 - number / 5
       from unnest(array['backlog', 'disk-used']) as gauge, generate_series(0, 30) as number`,
    [at('10:25:00')],
  );
  await grantReader(database, readableOf(undefined));
});
afterAll(() => database.close());

/** The value of a rule's query in Grafana, as its role. */
async function inGrafana(sql: string, moment: Date): Promise<number | undefined> {
  const window = { from: new Date(moment.getTime() - 600_000), to: moment, interval: '1m' };
  const rows = await database.transaction(async (tx) => {
    await tx.query(`set local role ${READER}`);
    return tx.query<{ readonly value: number }>(asGrafana(sql, window));
  });
  expect(rows.length).toBeLessThan(2);
  expect(Object.keys(rows[0] ?? { value: 0 })).toEqual(['value']);
  return rows[0]?.value;
}

const MOMENTS = ['08:00:00', '10:03:30', '10:21:00', '10:25:30', '12:00:00'].map((time) => new Date(at(time)));

describe('an alert rule in Grafana', () => {
  it.each(rules)('measures for $name what Weir measures', async (rule) => {
    const sql = await ruleQuery(rule, { model: PROJECT.name });
    const question = { database, params: rule.params, moments: MOMENTS, model: PROJECT.name };
    const measured = await conditionOf(rule).measure(question);
    for (const [index, moment] of MOMENTS.entries()) {
      const value = await inGrafana(sql, moment);
      if (value === undefined) expect(measured[index]).toBeUndefined();
      else expect(value).toBeCloseTo(measured[index]?.value ?? Number.NaN, 9);
    }
  });

  it('has data in some of these moments, and none in others', async () => {
    const sql = await ruleQuery(rules[0] ?? expect.fail(), { model: PROJECT.name });
    expect(await Promise.all(MOMENTS.map((moment) => inGrafana(sql, moment)))).toEqual(
      expect.arrayContaining([undefined, expect.any(Number)]),
    );
  });

  it('asks for the value that Weir measured, when the condition asks the database more than one question', async () => {
    const condition: Pick<Condition, 'measure'> = {
      measure: async (question) => {
        await question.database.query('select 1');
        await question.database.query('select 2');
        return [];
      },
    };
    const rule = { ...(rules[0] ?? expect.fail()), name: 'by-weir' };
    const sql = await ruleQuery(rule, { model: PROJECT.name, condition });
    await database.query(
      `insert into alert_rule_states (rule, state, since, value, had_data, measured_at, evaluated_at)
       values ('by-weir', 'ok', $1, 0.5, true, $1, $1)`,
      [at('10:00:00')],
    );
    expect(await inGrafana(sql, new Date(at('10:05:00')))).toBe(0.5);
    expect(await inGrafana(sql, new Date(at('10:15:00')))).toBeUndefined();
  });

  it('keeps delay, severity, owner, runbook and whether it is on, and waits for a database that does not answer', async () => {
    const changed = withFields(rules.find(({ name }) => name === 'bad-rows') ?? expect.fail(), {
      ...{
        forMinutes: 7.5,
        severity: 'high',
        owner: 'ops $HOME',
        runbook: `https://wiki/${'$'}{page}`,
        enabled: false,
      },
      ...{ noData: 'notify', title: 'Too bad' },
    });
    const unreachable = rules.find(({ kind }) => kind === 'database-unreachable') ?? expect.fail();
    const { groups } = (await alertRulesFor(PROJECT, [changed, unreachable])) as { groups: { rules: object[] }[] };
    expect(groups[0]).toMatchObject({ name: 'data', folder: 'Weir: Passengers $$1' });
    expect(groups[0]?.rules[0]).toMatchObject({
      ...{ uid: 'weir-passengers-rule-bad-rows', title: 'Too bad', for: '450s', isPaused: true, noDataState: 'NoData' },
      labels: { weir: 'passengers', group: 'data', kind: 'bad-rows', severity: 'high', owner: 'ops $$HOME' },
      annotations: { summary: 'Too bad: {{ $values.A.Value }}', runbook_url: 'https://wiki/$ {page}' },
    });
    expect(groups[1]?.rules[0]).toMatchObject({ execErrState: 'Alerting', for: '120s' });
  });
});

interface ProvisionedRule {
  readonly uid: string;
  readonly data: readonly { readonly model: object; readonly refId: string }[];
}

describe('the alerting files for Grafana', () => {
  it('fit the types that Grafana publishes for its provisioning of alerts', async () => {
    const from = '@grafana/grafana-foundation-sdk';
    const { groups } = (await alertRulesFor(PROJECT, rules)) as { groups: { rules: ProvisionedRule[] }[] };
    const all = groups.flatMap((group) => group.rules);
    const { contactPoints } = contactPointsOf(PROJECT, CONTACT_POINTS) as { contactPoints: { receivers: object[] }[] };
    const { policies } = policiesOf(PROJECT) as { policies: object[] };
    const value = {
      imports: [
        `import type * as alerting from '${from}/alerting';`,
        `import type * as expr from '${from}/expr';`,
        // In a file a rule stands in its group, with the fields of the query's data source in the model.
        "type InFile = Omit<alerting.Rule, 'orgID' | 'folderUID' | 'ruleGroup' | 'data'>;",
        "type Threshold = Omit<expr.TypeThreshold, '_implementsDataqueryVariant'>;",
        'type Route = alerting.NotificationPolicy & { orgId?: number };',
      ],
      values: [
        ...all.map(({ data: _, ...rule }) => ({ type: 'InFile', value: rule })),
        ...all.flatMap(({ data }) => data.map(({ model: _, ...query }) => ({ type: 'alerting.Query', value: query }))),
        ...all.flatMap(({ data }) =>
          data.filter(({ refId }) => refId === 'B').map(({ model }) => ({ type: 'Threshold', value: model })),
        ),
        ...contactPoints.flatMap(({ receivers }) =>
          receivers.map((receiver) => ({ type: 'alerting.ContactPoint', value: receiver })),
        ),
        ...policies.map((policy) => ({ type: 'Route', value: policy })),
      ],
    };
    expect(misfits({ alerting: value })).toBe('');
  });

  it('have a uid of at most 40 characters for each rule, and no two the same', async () => {
    const long = { name: 'a-project-with-a-name-of-some-length', title: 'Long' };
    const { groups } = (await alertRulesFor(long, rules)) as { groups: { rules: ProvisionedRule[] }[] };
    const uids = groups.flatMap((group) => group.rules.map(({ uid }) => uid));
    expect(uids.every((uid) => uid.length <= 40 && /^[\w-]+$/.test(uid))).toBe(true);
    expect(new Set(uids).size).toBe(rules.length);
  });
});
