import { randomUUID } from 'node:crypto';
import { StoreError } from '../../errors.ts';
import type { ParquetSource, SqlColumn, SqlEngine, SqlWork } from '../sql-engine.ts';
import type { AnalyzeAnswer, DataType, ExecuteAnswer, Plan, Relation } from './messages.ts';
import { toSparkAddress } from './spark-address.ts';
import { isUnknownSession, toEngineError } from './spark-errors.ts';
import { type Asker, answersOf } from './spark-operation.ts';
import { loadSparkPackages, type SparkPackages } from './spark-packages.ts';
import { SparkStub } from './spark-stub.ts';

/** How a cluster of Spark is reached. */
export interface SparkSettings {
  /** `sc://host:port/;use_ssl=true`. */
  readonly url: string;
  /** Beside one in the address; empty for none. */
  readonly token?: string;
  /** Certificates of authorities in PEM, beside which no other is trusted. */
  readonly caFile?: string;
}

/** What another process needs to interrupt the work of this one. */
export interface SparkWork {
  readonly session: string;
  readonly tag: string;
}

/** An engine that says under which session and tag its work runs at the server. */
export interface SparkEngine extends SqlEngine {
  readonly work: SparkWork;
}

/** The statement ends with its session then, or has ended; what is thrown says why. */
const ignore = (): void => {};

const CLIENT = 'weir';
const TAG = /^[^,\s]+$/;

/**
 * What the SQL of Weir relies on. An error in a cast or a sum is an error and no null; a name in double quotes is a name;
 * a file that is damaged or gone ends the statement, so that no row is lost.
 */
const SESSION_SETTINGS = {
  'spark.sql.session.timeZone': 'UTC',
  'spark.sql.ansi.enabled': 'true',
  'spark.sql.ansi.doubleQuotedIdentifiers': 'true',
  'spark.sql.caseSensitive': 'false',
  'spark.sql.parser.escapedStringLiterals': 'false',
  // A sum of decimals keeps all digits behind its point.
  'spark.sql.decimalOperations.allowPrecisionLoss': 'false',
  'spark.sql.files.ignoreCorruptFiles': 'false',
  'spark.sql.files.ignoreMissingFiles': 'false',
};

/**
 * Opens a session at a server of Spark Connect. All its statements have the tag, by which `interruptSpark` ends them.
 *
 * @throws StoreError `engine_unusable` or `engine_unreachable`.
 */
export async function openSparkEngine(
  settings: SparkSettings,
  { tag }: { readonly tag: string },
): Promise<SparkEngine> {
  if (!TAG.test(tag)) throw new Error(`Expected a tag without commas and blanks; got ${JSON.stringify(tag)}.`);
  const { packages, stub, askerOf, target } = await reach(settings);
  const session = randomUUID();
  const asker = askerOf(session);
  try {
    const pairs = Object.entries(SESSION_SETTINGS).map(([key, value]) => ({ key, value }));
    await stub.ask('Config', { ...asker, operation: { set: { pairs } } });
    return new Session({ packages, stub, asker, target, work: { session, tag } });
  } catch (error) {
    stub.close();
    throw toEngineError(error, target);
  }
}

/**
 * Ends all statements with the tag in a session, which a client that is gone may have left running; returns their ids. A
 * server that does not know the session, because it was started after it, runs none.
 */
export async function interruptSpark(settings: SparkSettings, { session, tag }: SparkWork): Promise<readonly string[]> {
  const { stub, askerOf, target } = await reach(settings);
  try {
    return await interrupt(stub, { asker: askerOf(session), tag });
  } catch (error) {
    if (isUnknownSession(error)) return [];
    throw toEngineError(error, target);
  } finally {
    stub.close();
  }
}

async function reach({ url, token = '', caFile = '' }: SparkSettings) {
  const address = toSparkAddress(url, { token });
  const packages = await loadSparkPackages();
  const stub = await SparkStub.open(packages, { address, caFile });
  const { userId, target } = address;
  const user = { user_id: userId, user_name: userId };
  const askerOf = (session: string): Asker => ({ session_id: session, user_context: user, client_type: CLIENT });
  return { packages, stub, askerOf, target };
}

async function interrupt(
  stub: SparkStub,
  { asker, tag }: { readonly asker: Asker; readonly tag: string },
): Promise<readonly string[]> {
  const request = { ...asker, interrupt_type: 'INTERRUPT_TYPE_TAG', operation_tag: tag };
  const { interrupted_ids: ids = [] } = await stub.ask<{ readonly interrupted_ids?: readonly string[] }>(
    'Interrupt',
    request,
  );
  return ids;
}

interface OpenSession {
  readonly packages: SparkPackages;
  readonly stub: SparkStub;
  readonly asker: Asker;
  readonly target: string;
  readonly work: SparkWork;
}

class Session implements SparkEngine {
  readonly name = 'spark';
  readonly work: SparkWork;
  readonly #open: OpenSession;
  readonly #running = new Set<AbortController>();

  constructor(open: OpenSession) {
    this.#open = open;
    this.work = open.work;
  }

  async run(sql: string, work: SqlWork = {}): Promise<void> {
    await this.#drain({ command: { sql_command: { input: relationOf(sql) } } }, work);
  }

  async all<R>(sql: string, work: SqlWork = {}): Promise<readonly R[]> {
    const { tableFromIPC } = this.#open.packages.arrow;
    const rows: R[] = [];
    for await (const { arrow_batch: batch } of this.#answers({ root: relationOf(sql) }, work)) {
      // Copied, because numbers of Arrow stand at multiples of their size. The caller declares the type of its rows.
      if (batch) for (const row of tableFromIPC(new Uint8Array(batch.data)).toArray()) rows.push(row as R);
    }
    return rows;
  }

  async viewParquet(view: string, { paths, columns }: ParquetSource): Promise<void> {
    const common = { plan_id: 1 };
    const source: Relation = { common: { plan_id: 2 }, read: { data_source: { format: 'parquet', paths } } };
    const expressions = columns.map((expression) => ({ expression_string: { expression } }));
    const input = { common, project: { input: source, expressions } };
    await this.#drain({ command: { create_dataframe_view: { input, name: view, replace: true } } });
  }

  async writeParquet(query: string, folder: string, work: SqlWork = {}): Promise<void> {
    const target = { source: 'parquet', path: folder, mode: 'SAVE_MODE_ERROR_IF_EXISTS' } as const;
    await this.#drain({ command: { write_operation: { input: relationOf(query), ...target } } }, work);
  }

  async #drain(plan: Plan, work: SqlWork = {}): Promise<void> {
    for await (const _ of this.#answers(plan, work));
  }

  async describe(query: string): Promise<readonly SqlColumn[]> {
    const { stub, asker, target } = this.#open;
    try {
      const request = { ...asker, schema: { plan: { root: relationOf(query) } } };
      const { schema } = await stub.ask<AnalyzeAnswer>('AnalyzePlan', request);
      const fields = schema?.schema.struct?.fields ?? [];
      return fields.map(({ name, data_type: type }) => ({ name, type: typeName(type) }));
    } catch (error) {
      throw toEngineError(error, target);
    }
  }

  async close(): Promise<void> {
    const { stub, asker } = this.#open;
    for (const controller of this.#running)
      controller.abort(new StoreError('engine_ended', 'The session of Spark was closed.'));
    // A server that is gone, or does not know the request, has nothing to release.
    await stub.ask('ReleaseSession', { ...asker }).catch(() => {});
    stub.close();
  }

  async *#answers(plan: Plan, work: SqlWork): AsyncGenerator<ExecuteAnswer> {
    const { stub, asker, target } = this.#open;
    const operationId = randomUUID();
    const ending = new Ending(work);
    this.#running.add(ending.controller);
    try {
      const operation = { stub, asker, plan, operationId, tags: [this.work.tag, operationId] };
      for await (const answer of answersOf(operation, ending.signal)) {
        tellProgress(answer, work);
        yield answer;
      }
    } catch (error) {
      // The server goes on with what nobody waits for.
      await interrupt(stub, { asker, tag: operationId }).catch(ignore);
      throw ending.signal.aborted ? ending.reason() : toEngineError(error, target);
    } finally {
      this.#running.delete(ending.controller);
      ending.release();
    }
  }
}

/** When a statement is ended from this side. */
class Ending {
  readonly controller = new AbortController();
  readonly signal = this.controller.signal;
  readonly #outer: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout | undefined;

  constructor({ signal, timeoutMs }: SqlWork) {
    this.#outer = signal;
    signal?.addEventListener('abort', this.#cancel, { once: true });
    if (signal?.aborted) this.#cancel();
    if (timeoutMs === undefined) return;
    const late = new StoreError(
      'engine_ended',
      `A statement took longer in Spark than its timeout of ${timeoutMs} ms and was ended.`,
    );
    this.#timer = setTimeout(() => this.controller.abort(late), timeoutMs);
  }

  readonly #cancel = (): void => {
    this.controller.abort(
      new StoreError('engine_ended', 'The work in Spark was cancelled.', { cause: this.#outer?.reason }),
    );
  };

  reason(): unknown {
    return this.signal.reason;
  }

  release(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener('abort', this.#cancel);
  }
}

function relationOf(query: string): Relation {
  return { common: { plan_id: 1 }, sql: { query } };
}

function tellProgress({ execution_progress: progress }: ExecuteAnswer, { onProgress }: SqlWork): void {
  if (!progress || onProgress === undefined) return;
  const sum = (field: 'num_tasks' | 'num_completed_tasks'): number =>
    (progress.stages ?? []).reduce((total, stage) => total + (stage[field] ?? 0), 0);
  const tasks = sum('num_tasks');
  if (tasks > 0) onProgress(sum('num_completed_tasks') / tasks);
}

function typeName({ kind, decimal }: DataType): string {
  return kind === 'decimal' && decimal ? `decimal(${decimal.precision},${decimal.scale})` : (kind ?? 'unknown');
}
