import { pino } from 'pino';
import { createServer } from '#server';
import { connect, memoryArtifacts } from '#store';
import { parcels, parcelsProject } from './parcels.ts';

// A server in a process of its own, to be killed: `serve-parcels.ts <database url>` prints its address.
const server = await createServer({
  database: connect({ url: process.argv[2] ?? '' }),
  artifacts: memoryArtifacts(),
  engine: {
    start: async () => ({ runId: '1', state: 'queued' }),
    retry: async () => ({ runId: '1', state: 'queued' }),
    cancel: async () => undefined,
    nextRuns: () => [],
  },
  contract: parcels,
  project: parcelsProject,
  predictor: {
    explain: async () => [],
    predict: async (rows) => ({ model: 'parcels', version: 1, predictions: rows.map(() => ({ value: 'kept' })) }),
  },
  dashboards: [],
  logger: pino({ level: 'silent' }),
});
const { url } = await server.listen({ port: 0 });
process.stdout.write(`${url}\n`);
