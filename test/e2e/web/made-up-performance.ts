import { type PerformanceAnswer, routes } from '#api';

const DAY_MS = 86_400_000;

/** Labels of the last two days have not come yet, and those of the day before are few. */
export function makePerformance(nowMs: number): PerformanceAnswer {
  const days = Array.from({ length: 14 }, (_, index) => {
    const value = 0.78 + (index % 5) / 50;
    const labelled = index < 11 ? 90 - index : index === 11 ? 12 : 0;
    const reach = labelled < 30 ? 0.2 : 0.07;
    const estimated = 0.8 + (index % 4) / 90;
    const bounds = { low: estimated - 0.06, high: estimated + 0.06 };
    return {
      day: new Date(nowMs - (13 - index) * DAY_MS).toISOString().slice(0, 10),
      predictions: 120 + index,
      labelled,
      metrics: labelled === 0 ? {} : { accuracy: { value, low: value - reach, high: Math.min(1, value + reach) } },
      estimate: { predictions: 120 + index, metrics: { accuracy: { value: estimated, ...bounds } } },
      ...(labelled === 0 ? {} : { estimateOfLabelled: { accuracy: { value: estimated - 0.004, ...bounds } } }),
    };
  });
  const accuracy = { value: 0.812, low: 0.787, high: 0.835 };
  const estimate = { predictions: 1771, metrics: { accuracy: { value: 0.817, low: 0.779, high: 0.855 } } };
  const total = { predictions: 1771, labelled: 947, metrics: { accuracy }, estimate };
  return routes.performance.answer.parse({
    ...{ model: 'titanic', timezone: 'UTC', days, labelsMin: 30, isComplete: true },
    total: { ...total, estimateOfLabelled: { accuracy: { value: 0.815, low: 0.77, high: 0.86 } } },
    versions: [
      {
        version: 3,
        predictions: 640,
        labelled: 180,
        metrics: { accuracy: { value: 0.83, low: 0.77, high: 0.88 } },
        estimate,
      },
      {
        version: 2,
        predictions: 1131,
        labelled: 767,
        metrics: { accuracy: { value: 0.806, low: 0.776, high: 0.832 } },
      },
    ],
    maturity: makeMaturity(nowMs),
  });
}

function makeMaturity(nowMs: number) {
  const steps = [10, 30, 60, 90, 180, 360, 720, 1440, 2160, 2880, 4320, 7200, 10_080].map((afterMinutes, index) => {
    const share = 0.94 * (1 - Math.exp(-(index + 1) / 5));
    return { afterMinutes, share, low: share - 0.02, high: share + 0.02, atRisk: 1700 - 100 * index };
  });
  const horizons = [60, 360, 1440, 2880, 10_080, 43_200].map((minutes) => {
    const step = steps.find(({ afterMinutes }) => afterMinutes === minutes);
    return step ?? { afterMinutes: minutes, atRisk: 0 };
  });
  return { since: new Date(nowMs - 90 * DAY_MS).toISOString(), horizons, steps, medianMinutes: 180 };
}
