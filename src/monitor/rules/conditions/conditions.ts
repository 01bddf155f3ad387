import type { Condition } from './condition.ts';
import { databaseUnreachable } from './database.ts';
import { deliveryDead } from './deliveries.ts';
import { drift } from './drift.ts';
import { badFiles, badRows, missingColumn, noFile } from './files.ts';
import { backlog, diskFull } from './gauges.ts';
import { performance } from './performance.ts';
import { constantPrediction } from './predictions.ts';
import { predictionsSkipped, runFailed, runLate } from './runs.ts';

const CONDITIONS = [
  badFiles,
  badRows,
  missingColumn,
  noFile,
  backlog,
  constantPrediction,
  drift,
  performance,
  predictionsSkipped,
  runFailed,
  runLate,
  deliveryDead,
  diskFull,
  databaseUnreachable,
];

/** All kinds of alert rules, by name. */
// Params are parsed by the schema of the same condition before they are passed to it.
export const conditions: ReadonlyMap<string, Condition> = new Map(
  CONDITIONS.map((condition) => [condition.kind, condition as unknown as Condition]),
);
