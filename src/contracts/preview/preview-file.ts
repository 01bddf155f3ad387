import { isUtf8 } from 'node:buffer';
import { open, stat } from 'node:fs/promises';
import type { DuckdbPool } from '#store';
import { parquetColumns, textSql } from '../scan/scan-parquet.ts';
import { openSource, readStart } from '../scan/source.ts';
import { UndecodableError } from '../scan/undecodable-error.ts';
import { identifier, literal } from '../sql.ts';
import {
  COLUMNS_SHOWN,
  cutText,
  IMAGE_BYTES_MAX,
  type ImageType,
  JSON_BYTES_MAX,
  type Preview,
  previewJson,
  ROWS_SHOWN,
  toPreviewCell,
} from './preview.ts';
import { previewCsv } from './preview-csv.ts';

const NONE: Preview = { kind: 'none' };
/** A signature is within the first bytes; the comment of a program that drew an SVG may be before its root. */
const START_BYTES = 1024;
const SIGNATURES: readonly (readonly [type: ImageType, pattern: RegExp])[] = [
  ['image/png', /^\x89PNG\r\n/],
  ['image/jpeg', /^\xff\xd8\xff/],
  ['image/gif', /^GIF8[79]a/],
  ['image/webp', /^RIFF.{4}WEBP/s],
];
// A comment holds no two dashes in XML. Were it read as .*?, it could end at any of those behind it, and each way were tried.
const SVG = /^\s*(<\?xml[^>]*>\s*)?(<!--(?:[^-]|-[^-])*-->\s*)*(<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they tell text from other bytes
const CONTROLS = /[\0-\x08\x0b\x0c\x0e-\x1f]/;
const PARQUET_TIMEOUT_MS = 20_000;
/** DuckDB would read such a path as a pattern. */
const PATTERN = /[*?[\]{}]/;

/**
 * What a person sees of a file, by its content: its name does not count, because stored bytes have none. Parquet is
 * read by DuckDB; without one it has no preview.
 */
export async function previewFile(file: string, duckdb?: DuckdbPool): Promise<Preview> {
  const { size } = await stat(file);
  if (size === 0) return NONE;
  const image = await maybeImageType(file);
  if (image !== undefined) return size > IMAGE_BYTES_MAX ? NONE : { kind: 'image', mediaType: image };
  if ((await startOf(file)).startsWith('PAR1')) return (await maybeParquet(file, duckdb)) ?? NONE;
  const text = await maybeText(file);
  if (text === undefined) return (await isSingleByteText(file)) ? ((await previewCsv(file)) ?? NONE) : NONE;
  const json = /^\s*[[{]/.test(text) && size <= JSON_BYTES_MAX ? previewJson(text) : undefined;
  if (json !== undefined) return json;
  // Markup may have as many commas in its lines as a table.
  const table = /^\s*</.test(text) ? undefined : await previewCsv(file);
  return table ?? { kind: 'text', ...cutText(text) };
}

/** The media type of an image that browsers show; undefined for any other file. */
export async function maybeImageType(file: string): Promise<ImageType | undefined> {
  const start = await startOf(file);
  const known = SIGNATURES.find(([, pattern]) => pattern.test(start))?.[0];
  return known ?? (SVG.test(start) ? 'image/svg+xml' : undefined);
}

async function startOf(file: string): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(START_BYTES), 0, START_BYTES, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** The first text of a file, whatever its encoding; undefined when it is none. */
async function maybeText(file: string): Promise<string | undefined> {
  try {
    for await (const block of openSource(file, {}).blocks()) {
      const first = block.subarray(0, JSON_BYTES_MAX);
      // A character may be cut at the end of the bytes.
      const isText = !first.includes(0) && [0, 1, 2, 3].some((cut) => isUtf8(first.subarray(0, first.length - cut)));
      return isText ? first.toString('utf8').replace(/\ufffd$/, '') : undefined;
    }
    return '';
  } catch (error) {
    if (error instanceof UndecodableError) return undefined;
    throw error;
  }
}

/** Whether the first bytes may be text of an encoding whose characters are one byte each: they have no control characters. */
async function isSingleByteText(file: string): Promise<boolean> {
  try {
    return !CONTROLS.test((await readStart(file, START_BYTES)).toString('latin1'));
  } catch (error) {
    if (error instanceof UndecodableError) return false;
    throw error;
  }
}

async function maybeParquet(file: string, duckdb: DuckdbPool | undefined): Promise<Preview | undefined> {
  if (duckdb === undefined || PATTERN.test(file)) return undefined;
  const source = `read_parquet(${literal(file)})`;
  try {
    return await duckdb.use(
      async (connection) => {
        const all = await parquetColumns(connection, source);
        const columns = all.slice(0, COLUMNS_SHOWN);
        const cells = columns.map((column, at) => `coalesce(${textSql(column)}, '') as ${identifier(`c${at}`)}`);
        const rows = await connection.all<Readonly<Record<string, string>>>(
          `select ${cells.join(', ')} from ${source} limit ${ROWS_SHOWN}`,
        );
        const [counted] = await connection.all<{ readonly rows: number }>(`select count(*) as rows from ${source}`);
        return {
          kind: 'table',
          format: 'parquet',
          columns: columns.map(({ column_name: name }) => name),
          columnCount: all.length,
          rows: rows.map((row) => columns.map((_, at) => toPreviewCell(row[`c${at}`] ?? ''))),
          rowCount: counted?.rows ?? null,
        };
      },
      { timeoutMs: PARQUET_TIMEOUT_MS },
    );
  } catch {
    // It starts like Parquet and cannot be read as such, or takes too long: there is nothing to show of it.
    return undefined;
  }
}
