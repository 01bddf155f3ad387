import { type Delimiter, delimiterOfName, firstLineOf, mostFrequentDelimiter } from './delimiters.ts';
import { formatOf } from './format.ts';
import { openSource, type Source } from './source.ts';
import { UndecodableError } from './undecodable-error.ts';

export interface FindDelimiterOptions {
  readonly encoding?: string | undefined;
}

/** Finds the delimiter of a CSV file by its name and its first line; a comma when neither says it. */
export async function findDelimiter(file: string, options: FindDelimiterOptions = {}): Promise<Delimiter> {
  const named = delimiterOfName(file);
  if (named !== undefined) return named;
  if ((await formatOf(file, file)) !== 'csv') return ',';
  return mostFrequentDelimiter(await readFirstLine(file, options));
}

/** The first line of a text file, as `firstLineIn` gives it. */
export async function readFirstLine(file: string, { encoding }: FindDelimiterOptions): Promise<string> {
  const source = openSource(file, encoding === undefined ? {} : { encoding });
  try {
    return await firstLineIn(source);
  } finally {
    await source.close();
  }
}

/** The first line of a text file, as far as its first block has it; empty when it cannot be decoded. */
export async function firstLineIn(source: Source): Promise<string> {
  try {
    return firstLineOf(await source.first());
  } catch (error) {
    // The full reading of the file reports the error better.
    if (!(error instanceof UndecodableError)) throw error;
  }
  return '';
}
