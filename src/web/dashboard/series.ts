import { maybeNumber, type PanelRow } from './panel-view.ts';

export interface Series {
  readonly name: string;
  readonly values: readonly (number | null)[];
}
export interface TimeTable {
  /** Milliseconds, ascending, the same for every series. */
  readonly times: readonly number[];
  readonly series: readonly Series[];
}
export interface CategoryTable {
  readonly categories: readonly string[];
  readonly series: readonly Series[];
}

const VALUE = 'value';

/**
 * Rows of `time`, `value` and perhaps `metric` as series over the same times: stacks are added by index, so each series
 * needs all times. Without a column `value`, every other number column is a series.
 */
export function toTimeTable(rows: readonly PanelRow[], emptyValue: number | null): TimeTable {
  const points = rows.flatMap((row) => {
    const time = toTimeMs(row.time);
    return time === undefined ? [] : toPoints(row, ['time', 'metric']).map((point) => ({ place: time, ...point }));
  });
  const times = [...new Set(points.map(({ place }) => place))].sort((a, b) => a - b);
  return { times, series: toSeries(points, times, emptyValue) };
}

/** Rows of a name and numbers as bars by name; a second name column, `metric`, splits them into series. */
export function toCategoryTable(rows: readonly PanelRow[]): CategoryTable {
  const nameColumn = toNameColumn(rows[0] ?? {});
  const points = rows.flatMap((row) =>
    toPoints(row, [nameColumn]).map((point) => ({ place: toName(row[nameColumn]), ...point })),
  );
  const categories = [...new Set(points.map(({ place }) => place))];
  return { categories, series: toSeries(points, categories, null) };
}

interface Point {
  readonly metric: string;
  readonly value: number | null;
}

function toPoints(row: PanelRow, nameColumns: readonly string[]): Point[] {
  if (VALUE in row) {
    const isSplit = 'metric' in row && !(nameColumns.length === 1 && nameColumns[0] === 'metric');
    return [{ metric: isSplit ? toName(row.metric) : VALUE, value: maybeNumber(row[VALUE]) ?? null }];
  }
  return Object.entries(row)
    .filter(([column, cell]) => !nameColumns.includes(column) && maybeNumber(cell) !== undefined)
    .map(([column, cell]) => ({ metric: column, value: maybeNumber(cell) ?? null }));
}

function toSeries<P>(
  points: readonly (Point & { place: P })[],
  places: readonly P[],
  emptyValue: number | null,
): Series[] {
  const byMetric = groupByMetric(points);
  return [...byMetric].map(([name, own]) => {
    const values = new Map(own.map(({ place, value }) => [place, value]));
    return { name, values: places.map((place) => values.get(place) ?? emptyValue) };
  });
}

function groupByMetric<P extends Point>(points: readonly P[]): Map<string, P[]> {
  const groups = new Map<string, P[]>();
  for (const point of points) groups.set(point.metric, [...(groups.get(point.metric) ?? []), point]);
  return groups;
}

function toNameColumn(row: PanelRow): string {
  const columns = Object.keys(row);
  if (columns.includes('category')) return 'category';
  const named = columns.find(
    (column) =>
      column !== VALUE &&
      column !== 'metric' &&
      typeof row[column] === 'string' &&
      maybeNumber(row[column]) === undefined,
  );
  return named ?? columns.find((column) => column === 'metric') ?? columns[0] ?? VALUE;
}

function toTimeMs(cell: PanelRow[string] | undefined): number | undefined {
  const time = typeof cell === 'string' ? Date.parse(cell) : Number.NaN;
  return Number.isNaN(time) ? maybeNumber(cell) : time;
}

function toName(cell: PanelRow[string] | undefined): string {
  return cell === null || cell === undefined || cell === '' ? '(none)' : String(cell);
}
