/** Weir's drift verdicts as a contestant: `drift-ours.ts <folder>`, with the cases of `drift-peers.ts`; prints one line of JSON. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type DriftReport, evaluateDrift, sampleOf } from '#monitor';
import { fisherExact } from '../src/monitor/drift/fisher.ts';
import type { DrawnColumn } from './drift-cases.ts';
import { type PeerAnswer, readWindows, type TimedCase } from './drift-files.ts';
import { columnsOf, verdictOn } from './drift-verdicts.ts';

const folder = process.argv[2] ?? '';
// Our own file, written by the bench.
const cases = JSON.parse(readFileSync(path.join(folder, 'cases.json'), 'utf8')) as readonly TimedCase[];
const answers = cases.map((each) => {
  const windows = [...readWindows(folder, each)];
  const reports = windows.map((drawn) => verdictOn(each.columns, drawn));
  const first = windows[0];
  return {
    alarms: reports.filter(({ isDrifted }) => isDrifted).length,
    ...(each.isCompared ? { pValues: pValuesOf(each, { windows, reports }) } : {}),
    ...(each.repetitions > 0 && first !== undefined ? timesOf(each, first) : {}),
  };
});
const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
process.stdout.write(`${JSON.stringify({ versions: { weir: version }, cases: answers })}\n`);

/** The reference is summarised once, as it is stored with a model version. */
function timesOf(each: TimedCase, drawn: readonly DrawnColumn[]): Pick<PeerAnswer, 'seconds' | 'processorSeconds'> {
  const reference = sampleOf(columnsOf(each.columns, drawn, 'reference'));
  const window = columnsOf(each.columns, drawn, 'current');
  const [seconds, processorSeconds]: [number[], number[]] = [[], []];
  for (let repetition = 0; repetition < each.repetitions; repetition += 1) {
    const [start, used] = [performance.now(), process.cpuUsage()];
    evaluateDrift({ reference, current: sampleOf(window) });
    const { user, system } = process.cpuUsage(used);
    seconds.push((performance.now() - start) / 1000);
    processorSeconds.push((user + system) / 1e6);
  }
  return { seconds, processorSeconds };
}

/** Of the first column: of its distribution, and for categories of the share that the first one has. */
function pValuesOf(
  each: TimedCase,
  found: { readonly windows: readonly (readonly DrawnColumn[])[]; readonly reports: readonly DriftReport[] },
): PeerAnswer['pValues'] {
  const distribution = found.reports.map(
    ({ scores }) => scores.find(({ kind }) => kind === 'distribution')?.pValue ?? 1,
  );
  if (each.columns[0]?.kind === 'number') return { ks: distribution };
  const share = (values: Float64Array = new Float64Array()) => ({
    count: values.filter((value) => value === 0).length,
    of: values.length,
  });
  const fisher = found.windows.map(([column]) => fisherExact(share(column?.reference), share(column?.current)).pValue);
  return { chi2: distribution, fisher };
}
