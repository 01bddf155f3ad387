import path from 'node:path';
import { withParquet } from '../scan/scan-parquet.ts';
import { literal } from '../sql.ts';
import { type PlannedPart, planParts } from './planned-part.ts';
import type { SplitFileOptions } from './split-file-options.ts';

/** Splits a Parquet file into Parquet files with the same columns. */
export function splitParquet(
  options: SplitFileOptions,
  folders: { readonly parts: string; readonly source: string },
): Promise<readonly PlannedPart[]> {
  const { files, onProgress } = options;
  return withParquet({ ...options, folder: folders.source }, async (connection, copy) => {
    const source = `read_parquet(${literal(copy)})`;
    const [counted] = await connection.all<{ rows: number }>(`select count(*) as rows from ${source}`);
    const parts = planParts(options.path, { files, rows: counted?.rows ?? 0 });
    let first = 0;
    for (const [index, { name, rows }] of parts.entries()) {
      const to = literal(path.join(folders.parts, name));
      await connection.run(`copy (from ${source} limit ${rows} offset ${first}) to ${to} (format parquet)`);
      first += rows;
      onProgress?.((index + 1) / parts.length);
    }
    return parts;
  });
}
