import { describe, heatOf, OURS, race, resultTable } from './lines.ts';
import type { BenchOptions, Suite } from './suite.ts';

/** Check, split and write with rules that only SQL decides, and without. */
export const sqlSuite: Suite = { name: 'sql', run };

async function* run(options: BenchOptions): AsyncGenerator<string> {
  const heat = await heatOf(options, { rows: options.rows });
  const works = [
    ['no rule in SQL', 'check'],
    ['a quantile', 'check-quantile'],
    ['a quantile, and a rule of rows that some break', 'check-sql'],
  ] as const;
  for (const [title, work] of works) {
    const lines = await race(options, [{ contestant: OURS, heat: { ...heat, work } }]);
    yield `### ${title}: ${describe(heat.file)}\n\n${resultTable(lines)}`;
  }
}
