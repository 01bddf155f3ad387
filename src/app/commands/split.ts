import { splitCsv } from '#contracts';

/** Cuts a CSV file into files of equal size, within one row. Returns the exit code. */
export async function splitCommand(
  csv: string,
  { into, files }: { readonly into: string; readonly files: number },
): Promise<number> {
  const made = await splitCsv({ path: csv, into, files });
  process.stdout.write(`${JSON.stringify(made)}\n`);
  return 0;
}
