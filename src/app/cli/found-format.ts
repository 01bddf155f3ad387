import { type FoundFormat, findFormat, formatOf, type SuggestOptions } from '#contracts';
import type { TextFlags } from './file-flags.ts';

/** How a file is written that has no contract to say it; undefined when it is no CSV. */
export async function maybeFoundFormat(file: string, flags: TextFlags): Promise<FoundFormat | undefined> {
  if ((await formatOf(file, file)) !== 'csv') return undefined;
  const { delimiter: named, encoding: declared, ...known } = flags.format ?? {};
  const { delimiter = named, encoding = declared } = flags;
  return findFormat(file, { delimiter, encoding, known });
}

/** What a suggested contract says of how its file is written. */
export function suggestOptionsOf({ delimiter, format }: FoundFormat): Pick<SuggestOptions, 'delimiter' | 'format'> {
  return { delimiter, ...(format && { format }) };
}
