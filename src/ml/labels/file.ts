import {
  type CheckOutcome,
  type Column,
  type Contract,
  checkFile,
  columnWithRole,
  findDelimiter,
  LABEL_FIELDS,
  type LabelField,
  labelFileNames,
  readGoodRows,
} from '#contracts';
import type { DuckdbPool, Queryable } from '#store';
import { toLabel } from './check.ts';
import { entryWithRole, labelColumns } from './label-columns.ts';
import { type GivenLabel, type LabelSource, type StoredLabels, storeKnownLabels } from './store.ts';

export interface CheckLabelFileOptions {
  readonly path: string;
  /** The contract of the project, which says what ids and labels are. */
  readonly contract: Contract;
  /** Where the parts are written. */
  readonly folder: string;
  readonly duckdb: DuckdbPool;
  readonly signal?: AbortSignal;
  readonly onProgress?: (share: number) => void;
}

/** A file of labels after its check: bad rows with their reasons, and good ones to store. */
export interface CheckedLabelFile extends CheckOutcome {
  /** Name of the column of each field. */
  readonly names: Readonly<Partial<Record<LabelField, string>>>;
  /** What the columns of the file must be. */
  readonly contract: Contract;
}

/**
 * Checks a file of labels, of any format that `checkFile` reads. It has a column for the id of the row or of a prediction,
 * and one for the value; it may have `observed_at`. Others are ignored.
 */
export async function checkLabelFile({ contract, ...options }: CheckLabelFileOptions): Promise<CheckedLabelFile> {
  // Files of labels are written as those of rows are.
  const delimiter = contract.format === undefined ? await findDelimiter(options.path) : contract.delimiter;
  let applied = fileContract(contract, { names: [], delimiter });
  const contractFor = (names: readonly string[]): Contract => {
    applied = fileContract(contract, { names, delimiter });
    return applied.contract;
  };
  const outcome = await checkFile({
    ...options,
    ...(contract.format === undefined && { delimiter }),
    ...{ contract: applied.contract, contractFor },
  });
  return { ...outcome, ...applied };
}

const PAGE_ROWS = 10_000;

export interface StoreLabelFileOptions {
  readonly file: Pick<CheckedLabelFile, 'names' | 'contract'>;
  /** Path of its good rows. */
  readonly good: string;
  readonly model: string;
  readonly source: LabelSource;
  readonly duckdb: DuckdbPool;
  readonly signal?: AbortSignal;
}

/** Stores the labels of the good rows of a file. Labels of predictions that do not exist are returned instead. */
export async function storeLabelFile(
  tx: Queryable,
  { file: { names, contract }, good, model, source, ...reading }: StoreLabelFileOptions,
): Promise<StoredLabels & { readonly unknown: readonly GivenLabel[] }> {
  let total = { added: 0, corrected: 0, unchanged: 0 };
  const unknown: GivenLabel[] = [];
  await readGoodRows({ ...reading, file: good, contract, pageRows: PAGE_ROWS }, async (page) => {
    const labels = page
      .map((row) => Object.fromEntries(LABEL_FIELDS.map((field) => [field, row[names[field] ?? ''] ?? null])))
      .filter(({ value }) => value !== null)
      .map(toLabel);
    const stored = await storeKnownLabels(tx, { model, source, labels });
    total = {
      added: total.added + stored.added,
      corrected: total.corrected + stored.corrected,
      unchanged: total.unchanged + stored.unchanged,
    };
    for (const label of stored.unknown) unknown.push(label);
  });
  return { ...total, unknown };
}

export interface StoreRowLabelsOptions extends Omit<StoreLabelFileOptions, 'file'> {
  /** The contract of the rows. */
  readonly contract: Contract;
}

/** Stores the labels that good rows of the project's own contract have. A row without a label has none to store. */
export async function storeRowLabels(
  tx: Queryable,
  { contract, ...options }: StoreRowLabelsOptions,
): Promise<StoredLabels> {
  const [[id, idColumn], [label, labelColumn]] = [entryWithRole(contract, 'id'), entryWithRole(contract, 'label')];
  const names = { rowId: id, value: label };
  const columns = { [id]: idColumn, [label]: labelColumn };
  return storeLabelFile(tx, { ...options, file: { names, contract: { ...contract, columns, expectations: [] } } });
}

/** In words, for messages: what the columns of a file of labels may be called. */
export function labelFileColumns(contract: Contract): string {
  const [id, label] = [columnWithRole(contract, 'id'), columnWithRole(contract, 'label')];
  return `${id} (or row_id, or prediction_id), ${label} (or value), and observed_at if it is known`;
}

interface FileNames {
  readonly names: readonly string[];
  readonly delimiter: Contract['delimiter'];
}

function fileContract(
  contract: Contract,
  { names, delimiter }: FileNames,
): Pick<CheckedLabelFile, 'contract' | 'names'> {
  const found = labelFileNames(contract, names);
  const fields = labelColumns(contract);
  const columns = Object.fromEntries(
    LABEL_FIELDS.flatMap((field) => {
      const name = found[field];
      return name === undefined ? [] : [[name, asFound(fields[field], field)] as const];
    }),
  );
  const { name, criticality, format } = contract;
  const about = { name: `labels of ${name}`, columns, expectations: [], delimiter, criticality } as const;
  return {
    names: found,
    contract: { ...about, evolution: 'discard', ...(format && { format }) },
  };
}

/** In a file each row has the id, under the very name that the file has for it. */
function asFound({ header: _, ...column }: Column, field: LabelField): Column {
  return { ...column, nullable: field === 'observedAt' };
}
