/** Stands for election until it is killed, and says when it leads. */
import { openElection } from '#store';

const [url = '', name = ''] = process.argv.slice(2);
openElection({
  ...{ url, name },
  lead: () => void process.send?.('leads'),
  yieldLead: async () => undefined,
  warn: (message, error) => process.emitWarning(`${message}: ${String(error)}`),
});
process.on('disconnect', () => process.exit());
