import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Alert, raiseFileAlert } from '#monitor';
import type { Database } from '#store';
import { raiseHeldAlerts } from '../../../src/monitor/alerts/file-alerts.ts';
import { createTestDatabase } from '../../postgres/create-test-database.ts';
import { atMinute, minuteOf } from '../rules/history.ts';
import { alertFor } from './results.ts';

const channels = [{ name: 'chat' }];

let database: Database;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => database.query('truncate alerts cascade'));

const raise = (minute: number, criticality: Alert['criticality'] = 'high') =>
  raiseFileAlert(database, {
    ...{ ...alertFor({}, `file-${minute}-${criticality}`), title: `file-${minute}` },
    ...{ criticality, channels, at: atMinute(minute) },
  });
const sent = async () => {
  const rows = await database.query<{ at: Date; title: string }>(
    'select created_at as at, title from alerts join alert_deliveries on alert_id = id order by created_at, id',
  );
  return rows.map(({ at, title }) => `${minuteOf(at)} ${title}`);
};

describe('alerts of bad files', () => {
  it('are few messages where a bad file comes each minute, and all on record', async () => {
    for (let minute = 0; minute < 60; minute += 1) {
      await raise(minute);
      await raiseHeldAlerts(database, { at: atMinute(minute), channels });
    }
    expect(await sent()).toEqual([
      ...['0 file-0', '15 15 more files have data problems'],
      ...['30 15 more files have data problems', '45 15 more files have data problems'],
    ]);
    const [row] = await database.query<{ count: string }>('select count(*) from alerts');
    expect(row?.count).toBe('63');
  });

  it('are sent at once when one is more critical than those before', async () => {
    await raise(0, 'low');
    await raise(1, 'low');
    await raise(2, 'high');
    await raise(3, 'medium');
    expect(await sent()).toEqual(['0 file-0', '2 file-2']);
  });

  it('are sent each where they come now and then', async () => {
    for (const minute of [0, 20, 40]) {
      await raise(minute);
      await raiseHeldAlerts(database, { at: atMinute(minute), channels });
    }
    expect(await sent()).toEqual(['0 file-0', '20 file-20', '40 file-40']);
  });

  it('are raised once, however often a file is checked again after a crash', async () => {
    await raise(0);
    await raise(1);
    await raise(1);
    await raiseHeldAlerts(database, { at: atMinute(16), channels });
    await raise(1);
    await raiseHeldAlerts(database, { at: atMinute(40), channels });
    expect(await sent()).toEqual(['0 file-0', '16 One more file has data problems']);
  });
});
