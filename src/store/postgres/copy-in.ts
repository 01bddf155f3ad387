import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

/** A row as texts in the form of its columns' types; null is null. */
export type TextRow = readonly (string | null)[];

const CHUNK_LENGTH = 64 * 1024;

/** Appends rows to a table by COPY, in half the time of an insert. Returns the number of rows. */
export async function copyIn(
  client: pg.PoolClient,
  into: { readonly table: string; readonly columns: readonly string[] },
  rows: Iterable<TextRow>,
): Promise<number> {
  const columns = into.columns.map((column) => pg.escapeIdentifier(column)).join(', ');
  const copy = client.query(copyFrom(`copy ${pg.escapeIdentifier(into.table)} (${columns}) from stdin`));
  // A copy that ended with an error of its source may fail again when its connection is lost.
  copy.on('error', ignore);
  await pipeline(Readable.from(toChunks(rows), { objectMode: false }), copy);
  return copy.rowCount;
}

function* toChunks(rows: Iterable<TextRow>): Generator<string> {
  let chunk = '';
  for (const row of rows) {
    chunk += toLine(row);
    if (chunk.length < CHUNK_LENGTH) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}

function toLine(row: TextRow): string {
  let line = '';
  for (let column = 0; column < row.length; column++) line += (column === 0 ? '' : '\t') + toField(row[column] ?? null);
  return `${line}\n`;
}

const SPECIAL = /[\\\t\n\r]/;
const EACH_SPECIAL = new RegExp(SPECIAL, 'g');
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function toField(text: string | null): string {
  if (text === null) return '\\N';
  // Nearly all texts are plain, and a test is cheaper than a replacement.
  return SPECIAL.test(text) ? text.replace(EACH_SPECIAL, (character) => ESCAPES[character] ?? character) : text;
}

/** The first error counts, and the pipeline has it. */
function ignore(): void {}
