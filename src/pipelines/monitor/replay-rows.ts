import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Contract, maybeColumnWithRole, readGoodRows } from '#contracts';
import { type FeatureRow, type LoadedModel, loadModel, type Prediction, type ServedRow } from '#ml';
import { type Judged, maybeChallenge, type Replayed } from '#monitor';
import type { DuckdbPool } from '#store';
import type { MonitorOptions } from './options.ts';

export interface Replaying {
  readonly options: Pick<MonitorOptions, 'database' | 'artifacts' | 'duckdb' | 'contract'>;
  readonly window: { readonly model: string; readonly version: number };
  readonly folder: string;
  readonly signal: AbortSignal;
}

const PAGE_ROWS = 1_000;

/**
 * Predicts stored rows again by the version that predicted them: as they were served, and written as a file and read as
 * training reads files. Rows without a time are left out where the model reads it: they were dated by the clock.
 */
export async function replayRows(
  served: readonly ServedRow[],
  { options, window, folder, signal }: Replaying,
): Promise<readonly Replayed[]> {
  const { database, artifacts, duckdb, contract } = options;
  const model = await loadModel(database, artifacts, window);
  const { stored, rows } = repeatable(served, { model, contract });
  if (stored.length === 0) return [];
  const again = model.predict(rows);
  const trained = model.predict(await readAsTraining(rows, { contract, duckdb, folder, signal }));
  return stored.map(({ id, value, probability }, index) => ({
    predictionId: id,
    stored: { value, ...(probability === null ? {} : { probability }) },
    served: again[index] ?? ABSENT,
    trained: trained[index] ?? ABSENT,
  }));
}

/** Predicts stored rows, as they were served, by the challenger. Rows without a time are left out where it reads it. */
export async function challengeRows(
  served: readonly ServedRow[],
  { options, window, version }: Pick<Replaying, 'options' | 'window'> & { readonly version: number },
): Promise<Judged['challenge']> {
  const { database, artifacts, contract } = options;
  const model = await loadModel(database, artifacts, { model: window.model, version });
  const { stored, rows } = repeatable(served, { model, contract });
  const predicted = model.predict(rows);
  return maybeChallenge(
    version,
    stored.map(({ value }, index) => ({ stored: value, challenger: (predicted[index] ?? ABSENT).value })),
  );
}

/** The predictions that the model can make again, and their rows as it reads them. */
function repeatable(
  served: readonly ServedRow[],
  { model, contract }: { readonly model: LoadedModel; readonly contract: Contract },
): { readonly stored: readonly ServedRow[]; readonly rows: readonly FeatureRow[] } {
  const time = maybeColumnWithRole(contract, 'time');
  const isTimeRead = time !== undefined && model.manifest.features.includes(time);
  const stored = isTimeRead ? served.filter(({ rowTime }) => rowTime !== null) : served;
  const rows = stored.map(({ features, rowTime }): FeatureRow => {
    return isTimeRead && rowTime !== null ? { ...features, [time]: rowTime.toISOString() } : features;
  });
  return { stored, rows };
}

/** No prediction equals it. */
const ABSENT: Prediction = { value: 'none' };

interface Reading {
  readonly contract: Contract;
  readonly duckdb: DuckdbPool;
  readonly folder: string;
  readonly signal: AbortSignal;
}

/** The rows as training sees them: as texts of a file, read by the contract. */
async function readAsTraining(
  rows: readonly FeatureRow[],
  { contract, folder, ...reading }: Reading,
): Promise<readonly FeatureRow[]> {
  const { columns, delimiter } = contract;
  const names = Object.keys(columns).filter(
    (name) => columns[name]?.role === 'feature' || columns[name]?.role === 'time',
  );
  const lines = rows.map((row) => names.map((name) => toCell(row[name] ?? null)).join(delimiter));
  const header = names.map((name) => toCell(columns[name]?.header ?? name)).join(delimiter);
  const file = path.join(folder, 'replayed.csv');
  await writeFile(file, `${[header, ...lines].join('\n')}\n`);
  const read: FeatureRow[] = [];
  await readGoodRows({ ...reading, file, contract, pageRows: PAGE_ROWS }, (page) => {
    // The contract's columns hold no lists or records, so neither do its typed rows.
    for (const row of page) read.push(row as FeatureRow);
  });
  return read;
}

const toCell = (value: FeatureRow[string]): string =>
  value === null ? '' : `"${String(value).replaceAll('"', '""')}"`;
