import { addAbortSignal, Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { FEATURE_PREFIX, type PastExportQuery, routes } from '#api';
import { type ColumnKind, type Contract, columnWithRole, duckdbTypeOf } from '#contracts';
import { EXPORT_COLUMNS, exportPredictions } from '#ml';
import { ServerError } from '../errors.ts';
import { type ParquetColumn, parquetOf } from '../predictions/parquet-copy.ts';
import { toPastFilter } from '../predictions/past-filter.ts';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';

/** Past predictions as files. What goes wrong after the first byte ends the connection, so that no client takes a part for the whole. */
export function registerExports(app: FastifyInstance, context: RouteContext): void {
  const { database, duckdb, project, contract, limits } = context;
  const features = featuresOf(contract);
  let running = 0;
  const rowsOf = (query: PastExportQuery, options: { readonly isGuarded: boolean }) =>
    exportPredictions(database, {
      filter: toPastFilter(query, { model: project.name, contract }),
      sort: query.sort,
      columns: features.map(({ name }) => name),
      ...options,
    });
  const send = (reply: FastifyReply, file: Readable, ending: 'csv' | 'parquet') => {
    if (reply.request.method === 'HEAD') return reply.send('');
    running += 1;
    file.once('close', () => {
      running -= 1;
    });
    return reply
      .header('content-disposition', `attachment; filename="past-predictions.${ending}"`)
      .send(addAbortSignal(AbortSignal.timeout(limits.exportMs), file));
  };
  fulfil(app, routes.exportPastPredictionsCsv, {
    handle: async ({ query, reply }) => {
      assertRoom(running, limits.exports);
      const csv = await rowsOf(query, { isGuarded: true });
      return send(reply.type('text/csv; charset=utf-8'), Readable.from(csv, { objectMode: false }), 'csv');
    },
  });
  fulfil(app, routes.exportPastPredictionsParquet, {
    handle: async ({ query, reply }) => {
      assertRoom(running, limits.exports);
      if (duckdb === undefined)
        throw new ServerError(
          'request_refused',
          'Expected DuckDB for a Parquet file; this server has none. Ask for CSV.',
        );
      const columns = [...ownColumns(contract), ...features.map(toParquetColumn)];
      const signal = AbortSignal.timeout(limits.exportMs);
      const file = parquetOf({ csv: await rowsOf(query, { isGuarded: false }), columns, duckdb, signal });
      return send(reply.type(PARQUET), Readable.from(file, { objectMode: false }), 'parquet');
    },
  });
}

const PARQUET = 'application/vnd.apache.parquet';

function assertRoom(running: number, max: number): void {
  if (running < max) return;
  throw new ServerError(
    'exports_exhausted',
    `Expected at most ${max} ${max === 1 ? 'export' : 'exports'} at once. Try again when one of them has ended.`,
    { headers: { 'retry-after': '30' } },
  );
}

/** The columns besides the features. What is predicted is a number or a class by the label of the contract. */
function ownColumns(contract: Contract | undefined): readonly ParquetColumn[] {
  const label = contract?.columns[columnWithRole(contract, 'label')]?.kind;
  const predicted = label === 'number' || label === 'integer' ? 'DOUBLE' : 'VARCHAR';
  return EXPORT_COLUMNS.map((name) => ({
    name,
    type: name === 'prediction' || name === 'actual' ? predicted : (TYPES[name] ?? 'VARCHAR'),
  }));
}

const TYPES: Readonly<Partial<Record<(typeof EXPORT_COLUMNS)[number], ParquetColumn['type']>>> = {
  prediction_id: 'BIGINT',
  at: 'TIMESTAMPTZ',
  row_time: 'TIMESTAMPTZ',
  probability: 'DOUBLE',
  observed_at: 'TIMESTAMPTZ',
};

interface Feature {
  readonly name: string;
  readonly kind: ColumnKind;
}

function featuresOf(contract: Contract | undefined): readonly Feature[] {
  return Object.entries(contract?.columns ?? {})
    .filter(([, { role }]) => role === 'feature')
    .map(([name, { kind }]) => ({ name, kind }));
}

function toParquetColumn({ name, kind }: Feature): ParquetColumn {
  return { name: `${FEATURE_PREFIX}${name}`, type: duckdbTypeOf(kind) };
}
