import { BufferedStore } from '../../suites/buffered-sink.ts';
import { testSink } from '../../suites/sink.ts';

testSink('buffered', async () => {
  const store = new BufferedStore();
  return {
    sink: store.sink('buffered'),
    reopen: async () => store.sink('buffered'),
    write: async (add, { rows }) => rows.forEach(add),
    read: async (goal) => store.read({ goal, output: 'written' }),
    crash: async () => store.crash(),
    close: async () => undefined,
  };
});
