import { type Database, hasErrorCode, type Queryable } from '#store';
import type { Dashboard, Panel } from './dashboard.ts';
import { compileQuery, type Window } from './macros.ts';

export type PanelCell = string | number | boolean | null;
export type PanelRow = Readonly<Record<string, PanelCell>>;

/** The result of one panel's query. `error` is the reason when rows are missing. */
export interface PanelRows {
  readonly rows: readonly PanelRow[];
  readonly error?: string;
}

/** The rows of each panel over a window, by panel id. */
export interface DashboardRows {
  readonly from: string;
  readonly to: string;
  readonly panels: Readonly<Record<string, PanelRows>>;
}

export interface DashboardBounds {
  readonly rowsMax: number;
  readonly timeoutMs: number;
  /** Panels queried at once: a dashboard must leave connections to the work it monitors. */
  readonly atOnce: number;
}

const BOUNDS: DashboardBounds = { rowsMax: 5000, timeoutMs: 5000, atOnce: 3 };
const ERROR_LENGTH_MAX = 300;

/** Queries every panel of a dashboard separately: a failing one does not affect the others. */
export async function dashboardRows(
  database: Database,
  dashboard: Dashboard,
  { bounds, ...window }: Window & { readonly bounds?: Partial<DashboardBounds> },
): Promise<DashboardRows> {
  const limits = { ...BOUNDS, ...bounds };
  const waiting = [...dashboard.panels];
  const answers = new Map<string, PanelRows>();
  const lane = async (): Promise<void> => {
    for (let panel = waiting.shift(); panel !== undefined; panel = waiting.shift()) {
      answers.set(panel.id, await panelRows(database, panel, { ...limits, window }));
    }
  };
  await Promise.all(Array.from({ length: limits.atOnce }, lane));
  const inOrder = dashboard.panels.map(({ id }) => [id, answers.get(id) ?? { rows: [] }] as const);
  return { from: window.from.toISOString(), to: window.to.toISOString(), panels: Object.fromEntries(inOrder) };
}

interface PanelQuestion extends DashboardBounds {
  readonly window: Window;
}

async function panelRows(database: Database, panel: Panel, question: PanelQuestion): Promise<PanelRows> {
  const { rowsMax, timeoutMs, window } = question;
  const { text, values } = compileQuery(panel.sql, window);
  // One JSON text per row: numbers of any type are numbers, unlike in a driver's rows (bigint as text).
  const bounded = `select row_to_json(panel)::text as row from (\n${text}\n) as panel limit ${rowsMax + 1}`;
  const ask = (tx: Queryable) => tx.query<{ readonly row: string }>(bounded, values);
  try {
    const found = await database.transaction(ask, { readOnly: true, timeoutMs });
    const rows = found.slice(0, rowsMax).map(({ row }) => toPanelRow(row));
    return found.length > rowsMax
      ? { rows, error: `Only the first ${rowsMax} rows are shown: choose a shorter window.` }
      : { rows };
  } catch (error) {
    return { rows: [], error: reasonOf(error, timeoutMs) };
  }
}

const QUERY_CANCELED = '57014';

function reasonOf(error: unknown, timeoutMs: number): string {
  if (hasErrorCode(error, QUERY_CANCELED))
    return `The query took longer than ${timeoutMs / 1000} s and was ended. Choose a shorter window.`;
  const message = error instanceof Error ? error.message : String(error);
  return message.slice(0, ERROR_LENGTH_MAX);
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?[+-]\d\d:\d\d$/;

function toPanelRow(json: string): PanelRow {
  // PostgreSQL wrote it with row_to_json, which gives one object by column name.
  const row = JSON.parse(json) as Readonly<Record<string, unknown>>;
  return Object.fromEntries(Object.entries(row).map(([column, cell]) => [column, toCell(cell, column)]));
}

function toCell(cell: unknown, column: string): PanelCell {
  // $__timeGroup counts seconds since 1970, as Grafana has it.
  if (column === 'time' && typeof cell === 'number') return new Date(cell * 1000).toISOString();
  if (typeof cell === 'number' || typeof cell === 'boolean' || cell === null) return cell;
  if (typeof cell !== 'string') return JSON.stringify(cell);
  if (column === 'value' && (cell === 'NaN' || cell.endsWith('Infinity'))) return null;
  return INSTANT.test(cell) ? new Date(cell).toISOString() : cell;
}
