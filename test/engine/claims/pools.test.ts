import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { giveBackLeases, type PoolLease, renewLeases, takeLeases } from '../../../src/engine/records/pools.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';
import { createWorkbench, type Workbench } from '../fixtures/workbench.ts';

let bench: Workbench;
beforeAll(async () => {
  bench = await createWorkbench();
});
beforeEach(() => bench.database.query('delete from pool_leases'));
afterAll(() => bench.close());

const SIZE = 5;
const newLease = (units = 1, pool = 'wide'): PoolLease => ({ id: randomUUID(), pool, units, size: SIZE });
const take = (leases: readonly PoolLease[], owner = 'one'): Promise<readonly boolean[]> =>
  takeLeases(bench.database, leases, { owner, leaseMs: 60_000 });
async function held(pool = 'wide'): Promise<number> {
  const [row] = await bench.database.query<{ units: number }>(
    'select coalesce(sum(units), 0)::integer as units from pool_leases where pool = $1 and expires_at > clock_timestamp()',
    [pool],
  );
  return row?.units ?? 0;
}

describe('units of a pool', () => {
  it('are given up to its size, and nothing overtakes the first that does not fit', async () => {
    expect(await take([newLease(3), newLease(3), newLease(1)])).toEqual([true, false, false]);
    expect(await take([newLease(1)])).toEqual([true]);
  });

  it('of one pool do not count in another', async () => {
    expect(await take([newLease(5, 'left'), newLease(5, 'right')])).toEqual([true, true]);
  });

  it('are counted once for a lease that many attempts share', async () => {
    const shared = newLease(3);
    expect(await take([shared, shared, newLease(2)])).toEqual([true, true, true]);
    expect(await held()).toBe(5);
  });

  it('are counted once for a lease that is taken again, as when a batch is claimed in two parts', async () => {
    const shared = newLease(5);
    expect(await take([shared])).toEqual([true]);
    expect(await take([newLease(1), shared])).toEqual([false, true]);
    expect(await held()).toBe(5);
  });

  it('are free again once released', async () => {
    const lease = newLease(5);
    await take([lease]);
    await giveBackLeases(bench.database, [lease.id]);
    expect(await take([newLease(5)])).toEqual([true]);
  });

  it('are free again when their lease has expired, and cannot be renewed once others have them', async () => {
    const lease = newLease(5);
    await take([lease]);
    await bench.database.query(`update pool_leases set expires_at = clock_timestamp() - interval '1 ms'`);
    expect(await take([newLease(5)], 'two')).toEqual([true]);
    await renewLeases(bench.database, [lease.id], 60_000);
    expect(await bench.database.query('select owner from pool_leases')).toEqual([{ owner: 'two' }]);
  });

  it('stay with a holder that renews in time, though its lease had run out', async () => {
    const lease = newLease(5);
    await take([lease]);
    await bench.database.query(`update pool_leases set expires_at = clock_timestamp() - interval '1 ms'`);
    await renewLeases(bench.database, [lease.id], 60_000);
    expect(await take([newLease(1)], 'two')).toEqual([false]);
  });

  it('are never more than the size, whatever takes, renews, gives back or dies at the same time', async () => {
    const step = fc.record({
      kind: fc.constantFrom('take', 'take', 'take', 'give', 'die', 'renew'),
      units: fc.integer({ min: 1, max: SIZE }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 60 }), async (steps) => {
        await bench.database.query('delete from pool_leases');
        const taken: string[] = [];
        const perform = async ({ kind, units }: (typeof steps)[number]): Promise<void> => {
          if (kind === 'take') {
            const lease = newLease(units);
            const [isTaken] = await take([lease]);
            if (isTaken === true) taken.push(lease.id);
          } else if (kind === 'give') await giveBackLeases(bench.database, taken.splice(0, 1));
          else if (kind === 'renew') await renewLeases(bench.database, taken, 60_000);
          else
            await bench.database.query(
              `update pool_leases set expires_at = clock_timestamp() - interval '1 ms' where id = any($1::uuid[])`,
              [taken.splice(0, 1)],
            );
          expect(await held()).toBeLessThanOrEqual(SIZE);
        };
        await Promise.all(steps.map(perform));
      }),
      { numRuns: propertyRuns(20) },
    );
  });
});
