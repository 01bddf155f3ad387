import { type BlobInput, blob, defineTask, rows, type TaskContext, TaskError, value, z } from 'weir';
import { type Order, totalOf } from './rules.ts';
import { notes, orders, rates } from './sources.ts';

const day = z.object({ day: z.iso.date() });

/** What a day took. Data come in as inputs, by digest; params are small and are part of the key. */
export const dayTotal = defineTask({
  name: 'day-total',
  params: day,
  inputs: (params) => ({ orders: orders.partition({ name: params.day }) }),
  outputs: { cents: value<number>() },
  run: async ({ params, inputs, log }) => {
    const found = await readOrders(inputs.orders.content);
    log(`orders on ${params.day}: ${found.length}`);
    return { cents: totalOf(found) };
  },
});

/** Helpers take what they need of a task by its types. */
async function readOrders(content: BlobInput): Promise<readonly Order[]> {
  const lines = new TextDecoder()
    .decode(await content.bytes())
    .trimEnd()
    .split('\n');
  return lines.map((line) => order.parse(JSON.parse(line)));
}

const order = z.object({ item: z.string(), cents: z.int() });

/** A total in another currency. The rate that is missing is an error of the data: it is not tried again. */
export const convertedTotal = defineTask({
  name: 'converted-total',
  params: z.object({ day: z.iso.date(), currency: z.string() }),
  inputs: (params) => ({
    total: dayTotal.goal({ day: params.day }),
    known: rates.presence({ name: params.currency }),
  }),
  runtimeInputs: ({ currency }, { known }) => ({ rate: known.isPresent ? [rates.partition({ name: currency })] : [] }),
  outputs: { cents: value<number>() },
  run: async ({ params, inputs }) => {
    const [given] = inputs.rate;
    if (given === undefined) throw new TaskError(`There is no rate of ${params.currency}.`, { class: 'data' });
    const rate = Number(new TextDecoder().decode(await given.content.bytes()));
    return { cents: Math.round(inputs.total.cents * rate) };
  },
});

/** Rows in a table of the connection `shop`: with the task's marker, in one transaction. */
export const bookTotal = defineTask({
  name: 'book-total',
  params: day,
  reads: { total: dayTotal },
  outputs: {
    totals: rows({
      sink: 'shop',
      remove: (shop, { params }) => shop.query('delete from guide.totals where day = $1', [params.day]),
    }),
  },
  run: async ({ params, inputs, rows }) => ({
    totals: await rows('totals', async (shop) => {
      await shop.query('delete from guide.totals where day = $1', [params.day]);
      await shop.query('insert into guide.totals (day, cents) values ($1, $2)', [params.day, inputs.total.cents]);
      return 1;
    }),
  }),
});

/** Many goals in one execution, each with an outcome of its own; two such executions at most run at a time. */
export const noteLength = defineTask({
  name: 'note-length',
  params: z.object({ note: z.string() }),
  inputs: (params) => ({ file: notes.partition({ name: params.note }) }),
  outputs: { words: value<number>() },
  pool: 'model',
  batch: {
    itemsMax: 100,
    waitMs: 20,
    run: async (items) => {
      for (const item of items) {
        const text = new TextDecoder().decode(await item.inputs.file.content.bytes());
        if (text.trim() === '') await item.skip('the note is empty');
        else await item.succeed({ words: text.trim().split(/\s+/).length });
      }
    },
  },
});

/** What to read is known while it runs: `need` completes another goal and answers with its outputs. */
export const longestNote = defineTask({
  name: 'longest-note',
  params: z.object({}),
  inputs: () => ({ listed: notes.partitions() }),
  outputs: { note: value<string>() },
  run: async ({ inputs, need, skip, log }) => {
    let longest = { note: '', words: 0 };
    for (const note of inputs.listed.names) {
      try {
        const { words } = await need(noteLength.goal({ note }));
        if (words > longest.words) longest = { note, words };
      } catch (error) {
        // The goal failed, was skipped or cancelled. Uncaught, this task is skipped for the same reason.
        log(`${note} does not count: ${String(error)}`);
      }
    }
    if (longest.note === '') return skip('there is no note with words');
    return { note: longest.note };
  },
});

/** Runs when its inputs have ended, however they did; what did not come is undefined. The page is a file of its own. */
export const summary = defineTask({
  name: 'summary',
  params: day,
  inputs: (params) => ({ total: dayTotal.goal(params), longest: longestNote.goal({}) }),
  runsWhen: 'all-ended',
  outputs: { page: blob() },
  run: async (context) => ({ page: await writePage(context, context.inputs.longest?.note ?? 'none') }),
});

type WithTotal = { readonly total: ReturnType<typeof dayTotal.goal> };

function writePage(
  context: Pick<TaskContext<{ day: string }, WithTotal, 'all-ended'>, 'params' | 'inputs' | 'blob'>,
  note: string,
) {
  const { params, inputs, blob: keep } = context;
  return keep(new TextEncoder().encode(`${params.day}: ${inputs.total?.cents ?? 'nothing'}, longest note: ${note}\n`));
}
