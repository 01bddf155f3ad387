import { FORMS, inForm } from './forms.ts';
import { heatOf, OURS, race, resultTable } from './lines.ts';
import { maybePython } from './python.ts';
import type { BenchOptions, Suite } from './suite.ts';

/** polars refuses broken quotes, and cuts or fills rows of another length: they are no rows to compare. */
const UNREADABLE = ['text-after-quote', 'unterminated-quote', 'too-few-fields', 'too-many-fields'] as const;

/** Check, split and write the same rows in several forms. */
export const formatsSuite: Suite = { name: 'formats', run };

async function* run(options: BenchOptions): AsyncGenerator<string> {
  const python = await maybePython(options);
  const heat = await heatOf(options, { rows: options.rows, without: UNREADABLE });
  for (const [name, { title }] of Object.entries(FORMS)) {
    const formed = { ...heat, file: await inForm(heat.file, name) };
    const lines = await race(options, [
      { contestant: OURS, heat: formed },
      ...(python === undefined
        ? []
        : [{ contestant: { title: 'polars expressions', script: 'polars-expressions', python }, heat: formed }]),
    ]);
    yield `### ${title}\n\n${resultTable(lines)}`;
  }
}
