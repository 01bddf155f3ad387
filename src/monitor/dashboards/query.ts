import { type Database, hasErrorCode, type Queryable } from '#store';
import type { Dashboard, Variable } from './dashboard.ts';
import { intervalOf, maybeSeconds } from './intervals.ts';
import { type Choices, compileQuery, type Window } from './macros.ts';

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
  readonly bucketSeconds: number;
  /** The values to choose from, by the name of the variable. */
  readonly variables: Readonly<Record<string, readonly string[]>>;
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
/** Values of a variable to choose from. */
const VALUES_MAX = 100;

/** What a dashboard is asked for. */
export interface DashboardRequest extends Window {
  readonly choices?: Choices;
  readonly bounds?: Partial<DashboardBounds>;
}

/** Queries every panel of a dashboard separately: a failing one does not affect the others. */
export async function dashboardRows(
  database: Database,
  dashboard: Dashboard,
  { bounds, choices = {}, ...window }: DashboardRequest,
): Promise<DashboardRows> {
  const question = { ...BOUNDS, ...bounds, window, choices };
  const panels = new Map<string, PanelRows>();
  const variables = new Map<string, readonly string[]>();
  const waiting = [
    ...dashboard.panels.map((panel) => async () => {
      panels.set(panel.id, await answerOf(database, panel.sql, question));
    }),
    ...dashboard.variables.map((variable) => async () => {
      variables.set(variable.name, await valuesOf(database, variable, question));
    }),
  ];
  const lane = async (): Promise<void> => {
    for (let work = waiting.shift(); work !== undefined; work = waiting.shift()) await work();
  };
  await Promise.all(Array.from({ length: question.atOnce }, lane));
  return {
    from: window.from.toISOString(),
    to: window.to.toISOString(),
    bucketSeconds: maybeSeconds(intervalOf(window)) ?? 0,
    variables: Object.fromEntries(dashboard.variables.map(({ name }) => [name, variables.get(name) ?? []])),
    panels: Object.fromEntries(dashboard.panels.map(({ id }) => [id, panels.get(id) ?? { rows: [] }])),
  };
}

interface PanelQuestion extends DashboardBounds {
  readonly window: Window;
  readonly choices: Choices;
}

/** The values that a variable has in the window; none when they cannot be read, because its panels say why. */
async function valuesOf(database: Database, { sql }: Variable, question: PanelQuestion): Promise<readonly string[]> {
  const { rows } = await answerOf(database, sql, { ...question, rowsMax: VALUES_MAX });
  return rows.flatMap((row) => {
    const [value] = Object.values(row);
    return value === null || value === undefined ? [] : [String(value)];
  });
}

async function answerOf(database: Database, sql: string, question: PanelQuestion): Promise<PanelRows> {
  const { rowsMax, timeoutMs, window, choices } = question;
  const { text, values } = compileQuery(sql, { ...window, choices });
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
