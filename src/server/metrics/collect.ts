import type { ServerOptions } from '../options.ts';
import { withinTime } from '../within-time.ts';
import type { MetricName } from './definitions.ts';
import type { Metrics } from './metrics.ts';
import { readDatabase } from './read-database.ts';

/** What a scrape looks at. */
export type Measured = Pick<ServerOptions, 'database' | 'project' | 'measures' | 'disk' | 'logger'>;

/** Scrapes within this time share one look. */
const FRESH_MS = 2_000;
const LOOK_MS_MAX = 5_000;

/** Brings the metrics up to date that nobody counts as they happen; never fails, and takes a bounded time. */
export class Collector {
  readonly #metrics: Metrics;
  #since: Date;
  #looking: Promise<void> | undefined;

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
    this.#since = metrics.startedAt;
  }

  collect(measured: Measured): Promise<void> {
    this.#looking ??= this.#look(measured).finally(() => {
      setTimeout(() => {
        this.#looking = undefined;
      }, FRESH_MS).unref();
    });
    return this.#looking;
  }

  async #look(measured: Measured): Promise<void> {
    const { version, name } = measured.project;
    this.#metrics.set('weir_build_info', [[{ version, node: process.versions.node, project: name }, 1]]);
    await Promise.all([this.#lookAtDatabase(measured), this.#lookAtProcess(measured)]);
  }

  async #lookAtDatabase({ database, project, logger }: Measured): Promise<void> {
    const pool = database.pool?.();
    this.#one('weir_database_pool_size', pool?.size);
    this.#one('weir_database_pool_used', pool?.used);
    this.#one('weir_database_pool_waiting', pool?.waiting);
    try {
      const found = await withinTime(readDatabase(database, { model: project.name, since: this.#since }), LOOK_MS_MAX);
      this.#since = found.until;
      for (const [gauge, values] of found.gauges) this.#metrics.set(gauge, values);
      for (const [counter, values] of found.counters)
        for (const [labels, value] of values) this.#metrics.add(counter, labels, value);
      this.#one('weir_database_up', 1);
    } catch (error) {
      logger.warn({ err: error }, 'the metrics of the database could not be read');
      for (const gauge of OF_DATABASE) this.#metrics.set(gauge, []);
      this.#one('weir_database_up', 0);
    }
  }

  async #lookAtProcess({ measures = {}, disk, logger }: Measured): Promise<void> {
    const { slots, filesWaiting, artifactBytes } = measures;
    const used = slots?.();
    this.#one('weir_task_slots', used?.size);
    this.#one('weir_task_slots_used', used?.used);
    this.#one('weir_task_slots_waiting', used?.waiting);
    this.#one('weir_artifact_store_bytes', artifactBytes?.());
    const read = async (name: MetricName, work: (() => Promise<number>) | undefined): Promise<void> => {
      const value = await (work && withinTime(work(), LOOK_MS_MAX))?.catch((error: unknown) => {
        logger.warn({ err: error, metric: name }, 'a metric could not be read');
        return undefined;
      });
      this.#one(name, value);
    };
    await Promise.all([read('weir_files_waiting', filesWaiting), read('weir_disk_free_bytes', disk?.freeBytes)]);
  }

  #one(name: MetricName, value: number | undefined): void {
    this.#metrics.set(name, value === undefined ? [] : [[{}, value]]);
  }
}

const OF_DATABASE: readonly MetricName[] = [
  ...(['weir_champion_version', 'weir_runs', 'weir_task_runs', 'weir_drift_drifted'] as const),
  ...(['weir_drift_window_end_timestamp_seconds', 'weir_alert_rules_firing'] as const),
  ...(['weir_alert_deliveries_waiting', 'weir_alert_channel_dead'] as const),
];
