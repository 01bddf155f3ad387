import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { METRICS, type MetricDefinition, type MetricName } from './definitions.ts';

export type Labels = Readonly<Record<string, string>>;

export interface AnsweredPredictions {
  readonly source: string;
  readonly modelVersion: string;
  readonly rows: number;
  readonly seconds: number;
}

/** Counts, times and sizes of one server. They go on when its routes are replaced. */
export interface Metrics {
  readonly registry: Registry;
  readonly startedAt: Date;
  answered(
    request: { readonly method: string; readonly route: string; readonly status: number },
    seconds: number,
  ): void;
  predicted(answer: AnsweredPredictions): void;
  add(name: MetricName, labels: Labels, value: number): void;
  /** Replaces all values of a gauge. */
  set(name: MetricName, values: readonly (readonly [Labels, number])[]): void;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
/** Values of a label that grows with time; beyond these it is `other` until the process starts again. */
const VERSIONS_MAX = 50;
/** Scheduled predictions are made by tasks, and counted from the database. */
const COUNTED_ELSEWHERE = 'scheduled';

type Metric = Counter | Gauge | Histogram;

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const all = new Map<string, Metric>(
    Object.entries(METRICS).map(([name, definition]) => [name, toMetric(name, definition, registry)]),
  );
  const versions = boundedLabel(VERSIONS_MAX);
  const metrics: Metrics = {
    registry,
    startedAt: new Date(),
    answered: (request, seconds) => observe(all.get('weir_http_request_duration_seconds'), request, seconds),
    predicted: ({ source, modelVersion, rows, seconds }) => {
      const labels = { model_version: versions(modelVersion) };
      observe(all.get('weir_prediction_duration_seconds'), labels, seconds);
      if (source !== COUNTED_ELSEWHERE) metrics.add('weir_predictions_total', { source, ...labels }, rows);
    },
    add: (name, labels, value) => {
      const metric = all.get(name);
      const { model_version: version } = labels;
      const bounded = version === undefined ? labels : { ...labels, model_version: versions(version) };
      if (metric instanceof Counter) metric.inc(bounded, value);
    },
    set: (name, values) => {
      const metric = all.get(name);
      if (!(metric instanceof Gauge)) return;
      metric.reset();
      // Reset to 0, which would be a value, where it has no labels.
      if (METRICS[name].labels.length === 0) metric.remove({});
      for (const [labels, value] of values) metric.set(labels, value);
    },
  };
  // These are the keys of the table.
  for (const name of Object.keys(METRICS) as MetricName[]) metrics.set(name, []);
  return metrics;
}

function toMetric(name: string, { kind, help, labels }: MetricDefinition, registry: Registry): Metric {
  const options = { name, help, labelNames: [...labels], registers: [registry] };
  switch (kind) {
    case 'counter':
      return new Counter(options);
    case 'gauge':
      return new Gauge(options);
    case 'histogram':
      return new Histogram({ ...options, buckets: SECONDS });
    default: {
      const never: never = kind;
      return never;
    }
  }
}

function observe(metric: Metric | undefined, labels: Readonly<Record<string, string | number>>, seconds: number): void {
  if (metric instanceof Histogram) metric.observe(labels, seconds);
}

function boundedLabel(valuesMax: number): (value: string) => string {
  const known = new Set<string>();
  return (value) => {
    if (known.size < valuesMax) known.add(value);
    return known.has(value) ? value : 'other';
  };
}
