import { type Drift, type DriftColumn, drift } from '#api';
import { at } from './made-up-times.ts';

const WINDOWS = 18;
const SUSTAINED = { k: 2, n: 3 };
const REFERENCE_ROWS = 1400;
const WINDOW_ROWS = 240;

type Status = 'judged' | 'too-few-rows';

/** Windows of an hour: stable ones, one by chance, one too small, and at the end a drift that lasts. */
export function makeDrift(nowMs: number): Drift {
  const stream = (name: 'data' | 'predictions') => {
    const history = Array.from({ length: WINDOWS }, (_, index) => makeWindow(nowMs, { index, stream: name }));
    const latest = {
      ...history[0],
      before: history[1]?.id ?? null,
      columns: name === 'data' ? DATA_COLUMNS : PREDICTION_COLUMNS,
      unjudged:
        name === 'data' ? [{ subject: 'feature', column: 'sex', reason: 'it has 12 values, fewer than 30' }] : [],
      files:
        name === 'data'
          ? [600, 599, 598].map((number) => ({
              ...{ check: `check-${number}`, file: number === 598 ? null : `passengers-${number}.csv`, rows: 80 },
            }))
          : [],
      fileCount: name === 'data' ? 3 : 0,
    };
    return { stream: name, sentence: latest.sentence, status: 'judged', latest, history };
  };
  return drift.parse({ model: 'titanic', version: 3, streams: [stream('data'), stream('predictions')] });
}

/** Before the first window has ended. */
export function withoutWindows({ model, streams }: Drift): Drift {
  const sentence = 'There is no champion yet, so there is nothing to compare with. Train a model first.';
  return drift.parse({
    ...{ model, version: null },
    streams: streams.map(({ stream }) => ({ stream, sentence, status: 'no-window', latest: null, history: [] })),
  });
}

function makeWindow(nowMs: number, { index, stream }: { readonly index: number; readonly stream: string }) {
  const status: Status = index === 5 ? 'too-few-rows' : 'judged';
  const hasDrifted = (index < 3 && stream === 'data') || index === 9;
  const isSustained = index < 2 && hasDrifted;
  const rows = status === 'judged' ? WINDOW_ROWS : 12;
  return {
    ...{ id: String((stream === 'data' ? 900 : 800) - index), stream, model: 'titanic', version: 3 },
    ...{ from: at(nowMs, 60 * (index + 1)), to: at(nowMs, 60 * index), status, isSustained, sustained: SUSTAINED },
    ...{
      verdict: status === 'judged' ? (hasDrifted ? 'drifted' : 'stable') : null,
      rows,
      lateRows: index === 0 ? 7 : 0,
    },
    sentence:
      status === 'too-few-rows'
        ? 'The window has 12 rows; a verdict needs 30.'
        : hasDrifted
          ? `1 of 3 columns drifted in ${rows} rows${isSustained ? ', in 2 of the last 3 windows' : ''}: age.`
          : `None of 3 columns drifted in ${rows} rows.`,
    drifted: hasDrifted ? [{ subject: 'feature', column: 'age', kind: 'distribution', isSustained }] : [],
    ...{ judgedAt: at(nowMs, 60 * index - (index === 0 ? 0 : 2)), runId: `run-${1000 - index}` },
  };
}

type Given = Partial<DriftColumn['scores'][number]>;

function score(given: Given) {
  return {
    ...{ kind: 'distribution', test: 'chi-square', rows: { reference: REFERENCE_ROWS, current: WINDOW_ROWS } },
    ...{
      effect: 0.03,
      effectMin: 0.1,
      threshold: 0.12,
      pValue: 0.61,
      pValueMax: 0.0125,
      stabilityIndex: null,
      stabilityThreshold: null,
      verdict: 'stable',
    },
    ...{ driftedWindows: 0, isSustained: false, examples: [], ...given },
  };
}

const missing = (given: Given = {}) =>
  score({ kind: 'missing', test: 'fisher', effect: 0.012, effectMin: 0.05, threshold: 0.058, pValue: 0.44, ...given });

interface Counts {
  readonly reference: readonly number[];
  readonly before: readonly number[];
  readonly current: readonly number[];
  readonly stability: readonly number[];
}

function numberBins(edges: readonly (number | null)[], { reference, before, current, stability }: Counts) {
  return reference.map((count, index) => ({
    ...{ kind: 'range', from: edges[index] ?? null, to: edges[index + 1] ?? null, reference: count },
    ...{ before: before[index] ?? 0, current: current[index] ?? 0, stability: stability[index] ?? 0 },
  }));
}

function categoryBins(names: readonly string[], counts: Counts) {
  return numberBins([], counts).map(({ from: _, to: __, ...bin }, index) => ({
    ...bin,
    ...{ kind: 'category', name: names[index] ?? '', isNew: bin.reference === 0 },
  }));
}

const DATA_COLUMNS = [
  {
    ...{ subject: 'feature', column: 'age', importance: 0.31, rank: 1.12, verdict: 'drifted' },
    scores: [
      score({
        ...{
          test: 'kolmogorov-smirnov',
          effect: 0.384,
          pValue: 0.00000002,
          stabilityIndex: 0.713,
          stabilityThreshold: 0.061,
          verdict: 'drifted',
        },
        ...{ driftedWindows: 3, isSustained: true },
      }),
      missing(),
    ],
    bins: numberBins([null, 10, 20, 30, 40, 50, 60, null], {
      reference: [90, 160, 520, 330, 180, 90, 30],
      before: [8, 14, 52, 60, 58, 34, 14],
      current: [2, 8, 30, 60, 78, 42, 20],
      stability: [0.112, 0.063, 0.219, 0.001, 0.174, 0.114, 0.03],
    }),
  },
  {
    ...{ subject: 'feature', column: 'class', importance: 0.22, rank: 0.01, verdict: 'stable' },
    scores: [
      score({ effect: 0.041, stabilityIndex: 0.011 }),
      missing({ effect: 0 }),
      score({ kind: 'new-category', test: 'fisher', effect: 0, effectMin: 0.02, threshold: 0.021, pValue: 1 }),
    ],
    bins: categoryBins(['1st', '2nd', '3rd', 'crew'], {
      reference: [210, 180, 450, 560],
      before: [36, 30, 80, 94],
      current: [40, 28, 70, 102],
      stability: [0.002, 0.001, 0.004, 0.004],
    }),
  },
  {
    ...{ subject: 'feature', column: 'cabin', importance: null, rank: 0, verdict: 'stable' },
    ...{ scores: [missing({ effect: 0.002 })], bins: [] },
  },
];

const PREDICTION_COLUMNS = [
  {
    ...{ subject: 'prediction', column: 'survived', importance: null, rank: 0.04, verdict: 'stable' },
    scores: [score({ effect: 0.04, stabilityIndex: 0.006 })],
    bins: categoryBins(['no', 'yes'], {
      reference: [240, 112],
      before: [160, 80],
      current: [154, 86],
      stability: [0.003, 0.003],
    }),
  },
  {
    ...{ subject: 'confidence', column: 'probability', importance: null, rank: 0.03, verdict: 'stable' },
    scores: [score({ test: 'kolmogorov-smirnov', effect: 0.05, stabilityIndex: 0.012 })],
    bins: numberBins([0.5, 0.6, 0.7, 0.8, 0.9, 1], {
      reference: [40, 62, 80, 90, 80],
      before: [28, 40, 52, 66, 54],
      current: [30, 44, 50, 60, 56],
      stability: [0.002, 0.001, 0.003, 0.004, 0.002],
    }),
  },
  {
    ...{ subject: 'feature', column: 'age', importance: 0.31, rank: 0.01, verdict: 'stable' },
    scores: [
      score({
        ...{
          kind: 'skew',
          test: 'replay',
          effect: 0.008,
          effectMin: 0.01,
          threshold: null,
          pValue: null,
          pValueMax: null,
        },
        examples: [{ predictionId: 'prediction-8990', stored: 'yes', served: 29, trained: 29.5 }],
      }),
    ],
    bins: [],
  },
];
