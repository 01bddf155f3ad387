import { type FoundFormat, findFormat, formatOf, type SuggestOptions } from '#contracts';
import type { TextFlags } from './file-flags.ts';

/** How a file is written that has no contract to say it; undefined when it is no CSV. */
export async function maybeFoundFormat(
  file: string,
  { delimiter, encoding }: TextFlags,
): Promise<FoundFormat | undefined> {
  return (await formatOf(file, file)) === 'csv' ? findFormat(file, { delimiter, encoding }) : undefined;
}

/** What a suggested contract says of how its file is written. */
export function suggestOptionsOf({ delimiter, format }: FoundFormat): Pick<SuggestOptions, 'delimiter' | 'format'> {
  return { delimiter, ...(format && { format }) };
}
