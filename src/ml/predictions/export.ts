import { type Database, toWhere, withLiterals } from '#store';
import { assertModelKnown } from './known-model.ts';
import { type PastSort, withLabels } from './past.ts';
import { conditionsOf, type PastFilter } from './past-query.ts';

export interface ExportQuery {
  readonly filter: PastFilter;
  readonly sort?: PastSort | undefined;
  /** Names of the features that get a column, `feature.` before the name. */
  readonly columns: readonly string[];
  /** Whether text that a spreadsheet would run as a formula gets a quote mark in front. */
  readonly isGuarded: boolean;
}

/**
 * Streams all predictions that a filter finds as CSV, as they were at one moment: what is stored or labelled after that
 * is not in it. Throws an MlError `model_unknown` for a model that nobody knows.
 */
export async function exportPredictions(
  database: Database,
  { filter, sort = '-made', columns, isGuarded }: ExportQuery,
): Promise<AsyncIterable<Uint8Array>> {
  if (filter.model !== undefined) await assertModelKnown(database, filter.model);
  const { indexed, sought } = conditionsOf(filter);
  const { where, values } = toWhere([...indexed, ...sought]);
  const direction = sort.startsWith('-') ? 'desc' : 'asc';
  const all = `select * from predictions ${where.length === 0 ? '' : `where ${where.join(' and ')}`}
    order by at ${direction}, id ${direction}`;
  const selected = columnsOf(columns, isGuarded ? guarded : (sql) => sql);
  return database.copyToCsv(`select ${selected} from (${withLabels(withLiterals(all, values), sort)}) as exported`);
}

/** Columns of an export that come before those of the features. */
export const EXPORT_COLUMNS = [
  'prediction_id',
  'at',
  'source',
  'model_version',
  'row_id',
  'row_time',
  'request',
  'prediction',
  'probability',
  'probabilities',
  'actual',
  'observed_at',
  'coerced',
] as const;

function columnsOf(features: readonly string[], guard: (text: string) => string): string {
  const own: Readonly<Record<(typeof EXPORT_COLUMNS)[number], string>> = {
    prediction_id: 'id',
    at: 'at',
    source: 'source',
    model_version: guard("model || '@' || model_version"),
    row_id: guard('row_id'),
    row_time: 'row_time',
    request: guard('request'),
    prediction: guard("prediction #>> '{}'"),
    probability: 'probability',
    probabilities: 'probabilities::text',
    actual: guard("actual #>> '{}'"),
    observed_at: 'observed_at',
    coerced: guard('coerced::text'),
  };
  return [
    ...EXPORT_COLUMNS.map((name) => `${own[name]} as ${name}`),
    ...features.map((name) => `${guard(`features ->> '${name.replaceAll("'", "''")}'`)} as "${featureColumn(name)}"`),
  ].join(', ');
}

const featureColumn = (name: string): string => `feature.${name}`.replaceAll('"', '""');

// As the pages of the web app do it: a cell that starts with one of these is a formula (OWASP, CSV injection), unless it
// is a number or a sign alone.
const guarded = (sql: string): string => {
  const text = `(${sql})`;
  return `case when ${text} ~ E'^[=+\\\\-@\\t\\r]' and ${text} !~ '^[+-](([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?)?$' then '''' || ${text} else ${text} end`;
};
