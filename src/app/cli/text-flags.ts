import { formatOf } from '#contracts';
import { UsageError } from '../project/errors.ts';

/** Flags that say how text is read. */
export interface TextFlags {
  readonly delimiter?: string;
  readonly encoding?: string;
}

interface OtherFlags {
  /** Whether the delimiter comes from a contract, of `--contract` or of a project. */
  readonly hasContract: boolean;
}

const IN_WORDS = { csv: 'CSV', ndjson: 'NDJSON', parquet: 'Parquet' } as const;

/** Throws a UsageError for a flag that would be ignored: what somebody says of a file is obeyed or refused. */
export async function assertTextFlags(
  files: readonly string[],
  { delimiter, encoding, hasContract }: TextFlags & OtherFlags,
): Promise<void> {
  if (delimiter !== undefined && hasContract)
    throw new UsageError('Expected --delimiter or a contract, which says it; got both. Leave --delimiter out.');
  const formats = await Promise.all(files.map((file) => formatOf(file, file)));
  const came = `${files.join(' and ')}, which ${files.length === 1 ? 'is' : 'are'} ${[...new Set(formats)].map((format) => IN_WORDS[format]).join(' and ')}`;
  if (delimiter !== undefined && !formats.includes('csv'))
    throw new UsageError(`Expected --delimiter for CSV only; got it for ${came}. Leave it out.`);
  if (encoding !== undefined && formats.every((format) => format === 'parquet'))
    throw new UsageError(`Expected --encoding for CSV and NDJSON only; got it for ${came}. Leave it out.`);
}
