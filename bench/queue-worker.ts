/** A worker of the bench: runs attempts in its own process, so that what is measured is the queue and not children. */
import { inlineExecutor, serveDeliveries } from '#engine';
import { connect, memoryArtifacts } from '#store';
import { queueTasks } from './queue-tasks.ts';
import { queueTransport } from './queue-transport.ts';

const [url = '', folder = '', slots = '4', temporal = ''] = process.argv.slice(2);
const database = connect({ url, poolSize: 4 });
const warn = (message: string, error: unknown): void => process.emitWarning(`${message}: ${String(error)}`);
const transport = await queueTransport({ database, temporal });
const executor = inlineExecutor({
  ...{ tasks: queueTasks, database, artifacts: memoryArtifacts(), folder, slots: Number(slots) },
});
await serveDeliveries({
  ...{ database, transport, warn, labels: ['default'], slots: Number(slots) },
  executorOf: async () => executor,
});
process.on('disconnect', () => process.exit());
process.send?.('serving');
