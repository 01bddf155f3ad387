import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { toCell } from './cells.ts';
import type { Cell } from './duckdb.ts';
import type { DuckdbSettings } from './messages.ts';

// Statements with one of these words may change more than the attached database of a piece of work. A false match, in
// an `update … set` say, costs 20 ms after the work; starting a new instance each time would cost them always.
const LASTING = /\b(set|reset|attach|detach|load|install|pragma|call|secret|use|memory)\b/i;

/**
 * The database of a piece of work: empty, in memory, attached to a warm instance. Attaching takes 1 ms, a new instance
 * 20.
 */
export class Session {
  readonly #settings: DuckdbSettings;
  #instance: DuckDBInstance | undefined;
  #connection: DuckDBConnection | undefined;
  #isLasting = false;

  constructor(settings: DuckdbSettings) {
    this.#settings = settings;
  }

  /** Makes the next piece of work start clean. */
  async renew(): Promise<void> {
    await this.#drop();
    this.#instance ??= await this.#start();
    this.#connection = await this.#instance.connect();
    await this.#connection.run("attach ':memory:' as work; use work");
  }

  async run(sql: string): Promise<void> {
    await this.#connectionFor(sql).run(sql);
  }

  async all(sql: string): Promise<readonly Readonly<Record<string, Cell>>[]> {
    const reader = await this.#connectionFor(sql).runAndReadAll(sql);
    // The Json type of DuckDB's client and Cell have the same shape.
    return reader.convertRowObjects(toCell) as readonly Readonly<Record<string, Cell>>[];
  }

  interrupt(): void {
    this.#connection?.interrupt();
  }

  #connectionFor(sql: string): DuckDBConnection {
    if (this.#connection === undefined) throw new Error('Expected DuckDB to be open.');
    this.#isLasting ||= LASTING.test(sql);
    return this.#connection;
  }

  async #start(): Promise<DuckDBInstance> {
    const instance = await DuckDBInstance.create(':memory:', { ...this.#settings });
    const connection = await instance.connect();
    await connection.run("set global TimeZone = 'UTC'");
    connection.closeSync();
    return instance;
  }

  async #drop(): Promise<void> {
    const [connection, instance] = [this.#connection, this.#instance];
    this.#connection = undefined;
    // Ends a transaction that the work left open, which would keep the database attached.
    connection?.closeSync();
    if (instance === undefined) return;
    if (this.#isLasting) {
      this.#isLasting = false;
      this.#instance = undefined;
      instance.closeSync();
      return;
    }
    const cleaner = await instance.connect();
    await cleaner.run('detach database if exists work');
    cleaner.closeSync();
  }
}
