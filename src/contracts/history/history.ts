import { type ListSort, momentSql, type PagedList, type Queryable, type Row, readPage, toStorableText } from '#store';
import type { CheckResult, Criticality, Verdict, Violation, ViolationExample } from '../check-result.ts';
import type { ProblemCategory, Severity } from '../contract.ts';

/** A stored check, as lists show it. */
export interface StoredCheck {
  readonly id: string;
  readonly contract: string;
  readonly file: string;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly rows: CheckResult['rows'];
  readonly verdict: Verdict;
  readonly criticality: Criticality | null;
  readonly summary: string;
  readonly durationMs: number;
  /** ISO 8601, UTC. */
  readonly checkedAt: string;
  /** Digest of the report's artifact; null when none was stored. */
  readonly reportDigest: string | null;
}

export interface StoredCheckDetail extends StoredCheck {
  readonly violations: readonly {
    readonly expectation: string;
    readonly column: string | null;
    readonly category: ProblemCategory;
    readonly severity: Severity;
    readonly rows: number;
    readonly share: number;
    readonly sentence: string;
    readonly examples: readonly ViolationExample[];
  }[];
  readonly columns: readonly { readonly name: string; readonly nulls: number; readonly mean: number | null }[];
}

export interface ListChecksOptions {
  readonly verdict?: Verdict;
  readonly contract?: string;
  readonly from?: Date;
  readonly toExclusive?: Date;
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
  readonly limit?: number;
  readonly sort?: ChecksSort | undefined;
  /** Words that the file's name, its verdict or the summary contains. */
  readonly search?: string | undefined;
}

type Order = 'checked' | 'file' | 'rows' | 'unusable';
export type ChecksSort = ListSort<Order>;

const LIMIT_MAX = 200;
const COLUMNS = `id, contract, file, digest, size_bytes, rows_in, rows_good, rows_bad, rows_rejected, verdict, criticality,
  summary, duration_ms, report_digest, ${momentSql('checked_at')} as checked_at`;

/**
 * Stores the result of a check; saving again under the same id replaces it completely and keeps its time. Run it in a
 * transaction. Returns the number of rows written.
 */
export async function saveCheck(
  database: Queryable,
  { id, result, reportDigest }: { readonly id: string; readonly result: CheckResult; readonly reportDigest?: string },
): Promise<number> {
  const { rows } = result;
  // Two savings of one check would both find no rows to remove, and add theirs twice.
  await database.query("select pg_advisory_xact_lock(hashtextextended('weir check ' || $1, 0))", [id]);
  // First: what they count for is the check as it was.
  await database.query('delete from check_problems where check_id = $1', [id]);
  await database.query('delete from check_columns where check_id = $1', [id]);
  await database.query(
    `insert into checks (id, contract, file, digest, size_bytes, rows_in, rows_good, rows_bad, rows_rejected, verdict,
                         criticality, summary, duration_ms, report_digest)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
     on conflict (id) do update set
       contract = excluded.contract, file = excluded.file, digest = excluded.digest, size_bytes = excluded.size_bytes,
       rows_in = excluded.rows_in, rows_good = excluded.rows_good, rows_bad = excluded.rows_bad,
       rows_rejected = excluded.rows_rejected, verdict = excluded.verdict, criticality = excluded.criticality,
       summary = excluded.summary, duration_ms = excluded.duration_ms, report_digest = excluded.report_digest`,
    [
      ...[
        id,
        result.contract,
        result.file,
        result.digest,
        result.sizeBytes,
        rows.in,
        rows.good,
        rows.bad,
        rows.rejected,
      ],
      ...[result.verdict, result.criticality ?? null, result.summary, result.durationMs, reportDigest ?? null],
    ],
  );
  await addProblems(database, { id, result });
  await addColumns(database, { id, result });
  return 1 + result.violations.length + result.columns.length;
}

async function addProblems(database: Queryable, { id, result }: { id: string; result: CheckResult }): Promise<void> {
  const { violations } = result;
  if (violations.length === 0) return;
  await database.query(
    `insert into check_problems (check_id, expectation, column_name, category, severity, row_count, share, sentence, examples)
     select $1, expectation, column_name, category, severity, row_count, share, sentence, examples::jsonb
       from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::float8[], $8::text[], $9::text[])
         as problem (expectation, column_name, category, severity, row_count, share, sentence, examples)`,
    [
      id,
      violations.map(({ expectation }) => expectation),
      violations.map(({ column }) => column ?? null),
      violations.map(({ category }) => category),
      violations.map(({ severity }) => severity),
      violations.map(({ rows }) => rows),
      violations.map(({ share }) => share),
      violations.map(({ sentence }) => sentence),
      violations.map(({ examples }) => JSON.stringify(storable(examples))),
    ],
  );
}

/** A cell may contain characters that PostgreSQL cannot store. */
function storable(examples: Violation['examples'] = []): readonly ViolationExample[] {
  return examples.map(({ values, ...place }) => ({
    ...place,
    values: values.map(({ text, ...value }) => ({ ...value, text: text === null ? null : toStorableText(text) })),
  }));
}

async function addColumns(database: Queryable, { id, result }: { id: string; result: CheckResult }): Promise<void> {
  const { columns } = result;
  if (columns.length === 0) return;
  await database.query(
    `insert into check_columns (check_id, column_name, null_count, mean)
     select $1, * from unnest($2::text[], $3::bigint[], $4::float8[])`,
    [id, columns.map(({ name }) => name), columns.map(({ nulls }) => nulls), columns.map(({ mean }) => mean ?? null)],
  );
}

const CHECKS: PagedList<Order> = {
  name: 'checks',
  table: 'checks',
  columns: COLUMNS,
  id: { sql: 'checks.id', type: 'text' },
  orders: {
    checked: { sql: 'checks.checked_at', type: 'timestamptz' },
    file: { sql: 'file', type: 'text' },
    rows: { sql: 'rows_in', type: 'bigint' },
    // As the index `checks_by_unusable` has it.
    unusable: {
      sql: `(case when verdict = 'quarantined' then 1 when rows_in = 0 then 0
        else (rows_bad + rows_rejected)::float8 / rows_in end)`,
      type: 'float8',
    },
  },
  sort: '-checked',
  text: "concat_ws(' ', file, verdict, criticality, summary)",
};

/** A page of checks, newest first unless they are sorted. */
export async function listChecks(
  database: Queryable,
  { verdict, contract, from, toExclusive, limit = 50, ...request }: ListChecksOptions = {},
): Promise<{ readonly items: readonly StoredCheck[]; readonly nextCursor: string | null }> {
  const { items, nextCursor } = await readPage<Row, Order>(database, CHECKS, {
    request: {
      ...request,
      limit: Math.max(1, Math.min(LIMIT_MAX, limit)),
      equal: { verdict, contract },
      where: [
        ...(from === undefined ? [] : ['checked_at >= $1::timestamptz']),
        ...(toExclusive === undefined ? [] : [`checked_at < $${from === undefined ? 1 : 2}::timestamptz`]),
      ],
      values: [from, toExclusive].filter((edge) => edge !== undefined),
    },
  });
  return { items: items.map(toStoredCheck), nextCursor };
}

/** One check with all its violations; undefined when there is none with the id. */
export async function getCheck(database: Queryable, id: string): Promise<StoredCheckDetail | undefined> {
  const [row] = await database.query(`select ${COLUMNS} from checks where id = $1`, [id]);
  if (row === undefined) return undefined;
  const violations = await database.query<StoredCheckDetail['violations'][number]>(
    `select expectation, column_name as "column", category, severity, row_count::float8 as rows, share, sentence, examples
       from check_problems where check_id = $1 order by severity, row_count desc, expectation, column_name`,
    [id],
  );
  const columns = await database.query<StoredCheckDetail['columns'][number]>(
    `select column_name as name, null_count::float8 as nulls, mean from check_columns where check_id = $1 order by column_name`,
    [id],
  );
  return { ...toStoredCheck(row), violations, columns };
}

function toStoredCheck(row: Row): StoredCheck {
  // The columns are those of COLUMNS, whose types and allowed values the table itself enforces.
  const stored = row as Readonly<Record<string, string | null>>;
  const rows = {
    in: Number(stored.rows_in),
    good: Number(stored.rows_good),
    bad: Number(stored.rows_bad),
    rejected: Number(stored.rows_rejected),
  };
  return {
    id: String(stored.id),
    contract: String(stored.contract),
    file: String(stored.file),
    digest: String(stored.digest),
    sizeBytes: Number(stored.size_bytes),
    rows,
    // As above: the table checks both against the same lists.
    verdict: String(stored.verdict) as Verdict,
    criticality: (stored.criticality ?? null) as Criticality | null,
    summary: String(stored.summary),
    durationMs: Number(stored.duration_ms),
    checkedAt: String(stored.checked_at),
    reportDigest: stored.report_digest ?? null,
  };
}
