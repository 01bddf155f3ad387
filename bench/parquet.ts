import { existsSync } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { openDuckdbPool } from '#store';
import type { GeneratedFile } from './data.ts';

/** The rows of a generated file as Parquet with types, beside it: a cell that is not of its type is null, a record that DuckDB cannot read is left out. */
export async function toParquet(csv: GeneratedFile): Promise<GeneratedFile> {
  const file = csv.path.replace(/\.csv$/, '.parquet');
  if (!existsSync(file)) {
    const duckdb = openDuckdbPool({ size: 1 });
    const read = `read_csv('${csv.path}', all_varchar = true, ignore_errors = true, strict_mode = false, nullstr = '')`;
    await duckdb.use((connection) =>
      connection.run(
        `copy (select try_cast(id as bigint) as id, try_cast(age as double) as age, sex, "class", try_cast(fare as double) as fare,
           country, try_cast(ts as timestamptz) as ts from ${read}) to '${file}.part' (format parquet)`,
      ),
    );
    await duckdb.close();
    await rename(`${file}.part`, file);
  }
  return { ...csv, path: file, sizeBytes: (await stat(file)).size };
}
