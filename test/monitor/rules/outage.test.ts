import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Alert, type Channel, type DeliveryOutcome, defaultRules, muteRule } from '#monitor';
import { connect, type Database } from '#store';
import { createEvaluator } from '../../../src/monitor/rules/start-rules.ts';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import { atMinute } from './history.ts';

const defined = defaultRules({ hasModel: false, tolerance: 0.01, schedules: [] });
const gauges = { 'disk-used': async () => 0.4 };

let there: Database;
let gone: Database;
beforeAll(async () => {
  there = await createTestDatabase();
  // Nothing listens there.
  gone = connect({ url: 'postgres://weir@127.0.0.1:1/weir' });
});
afterAll(async () => {
  await gone.close();
  await there.close();
});
beforeEach(() => there.query('truncate alerts, alert_rule_states, alert_rule_transitions, alert_mutes cascade'));

/** A server that loses its database from one minute to another, and a channel that answers as it is set. */
function createServer() {
  const sent: Alert[] = [];
  const answer = { current: { kind: 'accepted' } as DeliveryOutcome };
  const channel: Channel = {
    name: 'chat',
    send: async (alert) => {
      sent.push(alert);
      return answer.current;
    },
  };
  const server = { minute: 0, current: there };
  const database: Database = {
    ...there,
    query: (...asked) => server.current.query(...asked),
    transaction: (...asked) => server.current.transaction(...asked),
  };
  const evaluator = createEvaluator(
    database,
    { defined, gauges, channels: [channel], model: 'plain', link: null },
    { now: () => atMinute(server.minute), onError: () => {} },
  );
  const live = async (until: number, over: Database): Promise<void> => {
    server.current = over;
    for (; server.minute < until; server.minute += 1) await evaluator.pass();
  };
  return { live, sent, answer };
}

const raised = () =>
  there.query<{ title: string; state: string }>('select title, state from alerts order by created_at, id');
const history = () =>
  there.query<{ change: string }>(
    `select extract(epoch from at - '2026-03-01T00:00Z') / 60 || ' ' || to_state as change
       from alert_rule_transitions where rule = 'database-unreachable' order by at`,
  );

describe('while the database cannot be reached', () => {
  it('a channel is told once by the server itself, and of the end by a notice on record', async () => {
    const { live, sent } = createServer();
    await live(3, there);
    await live(10, gone);
    expect(sent.map(({ title, state }) => [title, state])).toEqual([
      ['The database cannot be read or written', 'firing'],
    ]);
    await live(20, there);
    expect(sent).toHaveLength(1);
    expect(await raised()).toEqual([{ title: 'Recovered: The database cannot be read or written', state: 'resolved' }]);
    const [recovery] = await there.query<{ incident_key: string }>('select incident_key from alerts');
    expect(recovery?.incident_key).toBe(sent[0]?.incidentKey);
    expect((await history()).map(({ change }) => change.replace(/\.0+ /, ' '))).toEqual(['4 firing', '15 resolved']);
  });

  it('a channel that does not accept the notice is asked again', async () => {
    const { live, sent, answer } = createServer();
    answer.current = { kind: 'unavailable', reason: 'network error' };
    await live(1, there);
    await live(5, gone);
    answer.current = { kind: 'accepted' };
    await live(10, gone);
    expect(new Set(sent.map(({ dedupeKey }) => dedupeKey)).size).toBe(1);
    expect(sent).toHaveLength(4);
  });

  it('an outage that is shorter than the rule says gives no notice', async () => {
    const { live, sent } = createServer();
    await live(3, there);
    await live(4, gone);
    await live(12, there);
    expect([sent, await raised()]).toEqual([[], []]);
  });

  it('nobody is told when the rule was muted before', async () => {
    const { live, sent } = createServer();
    await muteRule(there, {
      ...{ rule: 'database-unreachable', from: atMinute(0), until: atMinute(60), by: 'Ada', reason: 'it moves' },
    });
    await live(3, there);
    await live(10, gone);
    await live(30, there);
    expect([sent, await raised()]).toEqual([[], []]);
  });
});
