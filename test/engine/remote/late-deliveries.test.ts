import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Transport } from '#engine';
import type { Delivery } from '../../../src/engine/remote/transport.ts';
import { canTestTemporal, startTemporal, type TemporalServer } from '../../temporal/temporal-server.ts';
import { pgBossOn, temporalOn } from '../fixtures/remote.ts';
import { createWorkbench, type Workbench } from '../fixtures/workbench.ts';

const LONG_MS = 120_000;
const POLL = { timeout: 60_000 };

let bench: Workbench;
let temporal: TemporalServer | undefined;
beforeAll(async () => {
  bench = await createWorkbench();
  if (canTestTemporal()) temporal = await startTemporal();
}, LONG_MS);
afterAll(async () => {
  await temporal?.stop();
  await bench.close();
});

const deliveryOf = (key: string, token: string): Delivery => {
  const assignment = { runId: '1', task: 'task', params: {}, goal: key, key, token, attempt: 1, inputs: {} };
  return {
    id: randomUUID(),
    key,
    label: 'default',
    priority: 0,
    sender: '',
    assignments: [assignment],
    isBatch: false,
  };
};

/** Ids of the deliveries that come to a worker until that of the last one. */
async function takenUntil(transport: Transport, last: Delivery): Promise<readonly string[]> {
  const taken: string[] = [];
  const served = await transport.serve({
    ...{ labels: ['default'], room: () => 1, ahead: () => 0 },
    run: async ({ id }) => void taken.push(id),
  });
  await transport.submit([last]);
  await expect.poll(() => taken.includes(last.id), POLL).toBe(true);
  await served.drain();
  return taken.filter((id) => id !== last.id);
}

const transports: readonly [string, boolean, () => Promise<Transport>][] = [
  ['pg-boss', true, () => pgBossOn(bench)],
  ['temporal', canTestTemporal(), () => temporalOn(temporal?.address ?? '')(bench)],
];

describe.each(transports)('two servers over %s that send attempts of one key', (_, canTest, open) => {
  it.runIf(canTest)(
    'have the later one carried, also when the earlier is sent last and then given up',
    { timeout: LONG_MS },
    async () => {
      const [next, stopped] = [await open(), await open()];
      const lost: string[] = [];
      stopped.onLost(({ id }) => void lost.push(id));
      const [earlier, later] = [deliveryOf('late', '9'), deliveryOf('late', '10')];
      await next.submit([later]);
      await stopped.submit([earlier]);
      expect(lost).toEqual([earlier.id]);
      await stopped.cancel(earlier);
      expect(await takenUntil(next, deliveryOf('after', '11'))).toEqual([later.id]);
      await Promise.all([next.close(), stopped.close()]);
    },
  );

  it.runIf(canTest)('have the later one take the place of the earlier', { timeout: LONG_MS }, async () => {
    const [next, stopped] = [await open(), await open()];
    const [earlier, later] = [deliveryOf('replaced', '9'), deliveryOf('replaced', '10')];
    await stopped.submit([earlier]);
    await next.submit([later]);
    expect(await takenUntil(next, deliveryOf('after that', '11'))).toEqual([later.id]);
    await Promise.all([next.close(), stopped.close()]);
  });
});
