import type { Database } from '#store';

/** What stands in a template for the number of a copy: eight hexadecimal digits, so that a digest stays a digest. */
const MARK = 'eeeeeeee';
/** More rows of any table than a template has: ids of a copy follow those of the one before. */
const IDS = 10_000;
const MINUTE_MS = 60_000;

/** Tables that an ordinary minute writes, each after those that it refers to. What triggers and folds write follows from these. */
const TABLES = [
  'runs',
  'task_runs',
  'attempts',
  'manifests',
  'goal_uses',
  'sink_markers',
  'arrivals',
  'checks',
  'check_columns',
  'check_problems',
  'consumed_files',
  'prediction_requests',
  'predictions',
  'labels',
  'alerts',
  'alert_deliveries',
  'alert_attempts',
] as const;

/** Columns that hold a number given by a sequence, by the type of the column. */
const IDENTITIES = new Set([
  'id',
  'run_id',
  'retry_of',
  'position',
  'token',
  'version',
  'accepted_from',
  'alert_id',
  'prediction_id',
  'grouped_into',
]);

/** What every copy is given, whether its table has such columns or not. */
const GIVEN = `
  (select $1::integer as first, $2::integer as last, $3::timestamptz as start, $4::integer as minutes, $5::timestamptz as since, $6::integer as stretch) as given`;

interface Column {
  readonly name: string;
  readonly type: string;
}

/** Rows that a real server wrote in some minutes, ready to be copied to other times. */
export interface Template {
  /** Minutes of the simulated clock that one copy fills. */
  readonly minutes: number;
  /** Writes copies, one after another in time from the moment on; `first` is the number of the first. */
  copy(from: Date, copies: { readonly first: number; readonly count: number }): Promise<void>;
  /** Lets the sequences go on after the copies. */
  end(): Promise<void>;
}

/**
 * Takes what was written since the moment as a template. A server whose schedules tick every few seconds needs seconds
 * for what takes as many minutes at its ordinary pace: all times of a copy are stretched by that much.
 */
export async function takeTemplate(
  database: Database,
  { since, minutes, stretch }: { readonly since: Date; readonly minutes: number; readonly stretch: number },
): Promise<Template> {
  await database.query('create schema template');
  const inserts: string[] = [];
  for (const table of TABLES) {
    const columns = await columnsOf(database, table);
    await database.query(`create table template.${table} (like weir.${table})`);
    await database.query(`insert into template.${table} select * from weir.${table} where ${newerSql(table)}`, [since]);
    await markDigests(database, table, columns);
    const names = columns.map(({ name }) => `"${name}"`).join(', ');
    inserts.push(
      `insert into weir.${table} (${names}) overriding system value
         select ${columns.map((column) => valueSql(column)).join(', ')} from template.${table} as t, ${GIVEN}, generate_series(first, last) as k`,
    );
  }
  return {
    minutes,
    copy: async (from, { first, count }) => {
      const start = new Date(from.getTime() - first * minutes * MINUTE_MS);
      for (const insert of inserts)
        await database.query(insert, [first, first + count - 1, start, minutes, since, stretch]);
    },
    end: () => endTemplate(database),
  };
}

function columnsOf(database: Database, table: string): Promise<readonly Column[]> {
  return database.query<Column>(
    `select a.attname as name, format_type(a.atttypid, null) as type from pg_attribute a
      where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum`,
    [`weir.${table}`],
  );
}

const NEW_RUNS = 'created_at >= $1 and settled_at is not null';
const OF_NEW_RUNS = `run_id in (select id from weir.runs where ${NEW_RUNS})`;

/** What belongs to the template; details follow what they belong to. */
function newerSql(table: (typeof TABLES)[number]): string {
  const own: Partial<Record<typeof table, string>> = {
    runs: NEW_RUNS,
    goal_uses: `goal in (select goal from weir.task_runs where ${OF_NEW_RUNS})`,
    sink_markers: 'written_at >= $1',
    checks: 'checked_at >= $1',
    check_columns: 'check_id in (select id from weir.checks where checked_at >= $1)',
    check_problems: 'check_id in (select id from weir.checks where checked_at >= $1)',
    prediction_requests: 'at >= $1',
    predictions: 'at >= $1',
    labels: 'received_at >= $1',
    alerts: 'created_at >= $1',
    alert_deliveries: 'alert_id in (select id from weir.alerts where created_at >= $1)',
    alert_attempts: 'alert_id in (select id from weir.alerts where created_at >= $1)',
  };
  return own[table] ?? OF_NEW_RUNS;
}

/** Once in the template, so that a copy replaces only a word that cannot occur otherwise. */
async function markDigests(database: Database, table: string, columns: readonly Column[]): Promise<void> {
  const texts = columns.filter(({ type }) => isText(type));
  if (texts.length === 0) return;
  const marked = ({ name, type }: Column): string =>
    `"${name}" = regexp_replace(regexp_replace("${name}"::text, '\\m[0-9a-f]{8}([0-9a-f]{56})\\M', '${MARK}\\1', 'g'), '\\marrival-', 'arrival-${MARK}', 'g')::${type}`;
  await database.query(`update template.${table} set ${texts.map(marked).join(', ')}`);
}

const isText = (type: string): boolean => ['text', 'text[]', 'jsonb'].includes(type);

function valueSql({ name, type }: Column): string {
  const value = `t."${name}"`;
  if (isText(type)) return `replace(${value}::text, '${MARK}', lpad(to_hex(k), 8, '0'))::${type}`;
  if (type === 'bigint' && IDENTITIES.has(name)) return `${value} + (k + 1) * ${IDS}::bigint`;
  if (type !== 'timestamp with time zone') return value;
  return `start + k * minutes * interval '1 minute' + (${value} - since) * stretch`;
}

async function endTemplate(database: Database): Promise<void> {
  await database.query('drop schema template cascade');
  for (const table of TABLES)
    for (const { name } of await database.query<{ name: string }>(
      `select attname as name from pg_attribute where attrelid = $1::regclass and attidentity <> ''`,
      [`weir.${table}`],
    ))
      await database.query(
        `select setval(pg_get_serial_sequence('weir.${table}', '${name}'), (select max("${name}") from weir.${table}))`,
      );
  await database.query(`select setval('weir.prediction_ids', (select max(id) from weir.predictions))`);
}
