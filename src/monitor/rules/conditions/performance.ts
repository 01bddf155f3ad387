import { z } from 'zod';
import { type GatedPerformance, LABELS_MIN, newestPerformance } from '#ml';
import { defineCondition, type Measured } from './condition.ts';

export const performance = defineCondition({
  kind: 'performance',
  title: 'The champion is worse than its gate',
  suggested: { threshold: 0, severity: 'high' },
  unit: 'number',
  firesWhen: 'at-least',
  params: z.strictObject({
    labelsMin: z
      .int()
      .min(2)
      .max(1_000_000)
      .default(LABELS_MIN)
      .meta({ description: 'The newest predictions with so many labels are judged' }),
    tolerance: z
      .number()
      .min(0)
      .max(1)
      .default(0.01)
      .meta({ description: 'How much worse than on its test rows it may be' }),
  }),
  everyMinutes: 15,
  describe: ({ labelsMin, tolerance }) =>
    `How far the champion misses the gate of training on its newest predictions with ${labelsMin} labels: by the better end of the 95 % interval of accuracy, or of the RMSE as a share of the gate. The gate is its metric on the test rows, less a tolerance of ${tolerance}.`,
  measure: async ({ database, model, moments, params: { labelsMin: labels, tolerance } }) => {
    const measured: Measured[] = [];
    for (const until of moments) {
      const found = await newestPerformance(database, { model, labels, tolerance, until });
      measured.push(found && { value: shortfallOf(found), detail: detailOf(found) });
    }
    return measured;
  },
});

/** Above zero where the whole interval is on the wrong side of the gate. */
function shortfallOf({ metric, realised, gate }: GatedPerformance): number {
  const { value, low = value, high = value } = realised;
  return metric === 'accuracy' ? gate - high : (low - gate) / gate;
}

function detailOf({ metric, realised, gate, labelled, version }: GatedPerformance): string {
  const { value, low = value, high = value } = realised;
  return `${metric} ${shown(value)} (${shown(low)} to ${shown(high)}) of version ${version} against the gate ${shown(gate)}, from ${labelled} labels`;
}

const shown = (value: number): string => value.toPrecision(4);
