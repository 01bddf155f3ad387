import { open } from 'node:fs/promises';
import type { FileReading } from '../../check/file-reading.ts';
import { type Form, isDefaultBehindHeader } from '../../format/form.ts';
import { canonicalBlocks } from '../../scan/canonical-records.ts';
import type { FormColumns } from '../../scan/form-scanner.ts';
import { RECORD_BYTES_MAX } from '../../scan/record-scanner.ts';
import type { Scan } from '../../scan/scan-csv.ts';
import { openSource, type SourceFacts, type SourceOptions } from '../../scan/source.ts';
import type { FormPlan } from '../../sweep/form-blocks.ts';
import type { AskedColumns } from '../asked-columns.ts';

/** A file of rows that is read once or several times, each time from its beginning. */
export interface RowsFile {
  /** What separates its cells, and those of its rows where they are written in the default form first. */
  readonly separator: string;
  readonly delimiter: string;
  readonly form: Form | undefined;
  readonly namesOf: FormColumns['namesOf'];
  readonly recordBytesMax: number;
  /** Records that were found to be no rows before. */
  readonly rejected: number;
  /** How its blocks are written in the default form, by the names of its columns; undefined where they are in it. */
  formPlanOf(names: readonly string[]): FormPlan | undefined;
  open(onProgress?: SourceOptions['onProgress']): Promise<OpenedRows>;
}

/** One reading. */
export interface OpenedRows {
  readonly blocks: AsyncGenerator<Buffer, void, undefined>;
  sizeBytes(): number;
  facts(): Pick<SourceFacts, 'digest' | 'sizeBytes'>;
  close(): Promise<void>;
}

/** How a CSV file is read. */
export interface CsvRowsOptions extends Omit<SourceOptions, keyof FileReading>, FileReading {
  readonly path: string;
  /** What separates the cells of rows that are written anew. */
  readonly writtenDelimiter: string;
  readonly columns: AskedColumns;
}

/** The rows of a CSV file in any form. */
export function rowsOfCsv({ columns, onProgress: _, ...options }: CsvRowsOptions): RowsFile {
  const { delimiter: separator, form, writtenDelimiter } = options;
  const isForm = form !== undefined && !isDefaultBehindHeader(form);
  return {
    ...{ separator, form, recordBytesMax: RECORD_BYTES_MAX, rejected: 0, namesOf: columns.namesOf },
    delimiter: isForm ? writtenDelimiter : separator,
    formPlanOf: (header) =>
      isForm ? { form, header, kinds: columns.kindsOf(header), coerced: columns.coercedOf(header) } : undefined,
    open: async (onProgress) => {
      const source = openSource(options.path, { ...options, ...(onProgress && { onProgress }) });
      const blocks = source.blocks();
      return { blocks, facts: () => source.facts(), sizeBytes: () => source.sizeBytes, close: () => source.close() };
    },
  };
}

/** A canonical record may be longer than one of the file, and no scanner has to be kept from holding it. */
const COPIED_BYTES_MAX = 2 ** 31 - 1;

/** The rows of a canonical copy. */
export function rowsOfCopy({ files: { canonical }, source, rejected }: Scan, delimiter: string): RowsFile {
  return {
    ...{ separator: delimiter, delimiter, form: undefined, namesOf: undefined, rejected },
    recordBytesMax: COPIED_BYTES_MAX,
    formPlanOf: () => undefined,
    open: async () => {
      const file = await open(canonical);
      const { size } = await file.stat();
      const blocks = canonicalBlocks(file);
      return { blocks, facts: () => source, sizeBytes: () => size, close: () => file.close() };
    },
  };
}
