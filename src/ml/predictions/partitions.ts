import { type Database, type PartitionedTable, preparePartitions } from '#store';

/** The log of predictions. */
export const PREDICTIONS: PartitionedTable = { name: 'predictions', time: 'at' };

/** Counts of them: of numbers, there can be as many as predictions. */
export const MINUTES: readonly PartitionedTable[] = [
  { name: 'prediction_counts_folded', time: 'minute' },
  { name: 'prediction_confidences_folded', time: 'minute' },
];

/** A query by id looks into each partition and locks its indexes, so that they must stay few, however long predictions are kept. */
const PARTITIONS_MAX = 30;
const DAYS_MAX = 31;

/** Width of a partition where predictions are kept for so many days; null keeps them forever. */
export const partitionDays = (ageDaysMax: number | null): number =>
  ageDaysMax === null ? DAYS_MAX : Math.min(DAYS_MAX, Math.max(1, Math.ceil(ageDaysMax / PARTITIONS_MAX)));

/** Makes the partitions that the next predictions and their counts belong to. */
export async function preparePredictions(
  database: Database,
  { ageDaysMax, now }: { readonly ageDaysMax: number | null; readonly now?: Date },
): Promise<void> {
  const days = partitionDays(ageDaysMax);
  for (const table of [PREDICTIONS, ...MINUTES])
    await preparePartitions(database, table, { days, ...(now === undefined ? {} : { now }) });
}
