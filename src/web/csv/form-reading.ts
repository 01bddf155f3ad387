import type { ContractAnswer, ContractColumn } from '#api';
import { type FileFormat, labelFileNames, matchHeader, namesByPlace, type ReadCsvOptions } from '#contracts/browser';
import { columnsByName, columnWithRole } from '../columns.ts';

type Form = Pick<ReadCsvOptions, 'format' | 'columns'>;

/** How a file of rows is read that is in the contract's format. */
export function formReading(columns: readonly ContractColumn[], format: ContractAnswer['format']): Form {
  const named = { columns: columnsByName(columns) };
  return {
    format: toFormat(format),
    columns: {
      namesOf: (cells) => namesByPlace(named, { cells, mayLack: ['label'] }),
      kindsOf: (header) => matchHeader(named, header).names.map((name) => named.columns[name]?.kind),
    },
  };
}

/** The same for a file of labels, which has columns of its own. */
export function labelReading(columns: readonly ContractColumn[], format: ContractAnswer['format']): Form {
  const named = { columns: columnsByName(columns) };
  const [id, label] = [columnWithRole(columns, 'id'), columnWithRole(columns, 'label')];
  return {
    format: toFormat(format),
    columns: {
      namesOf: () => [id, label].flatMap((column) => (column === undefined ? [] : [column.header ?? column.name])),
      kindsOf: (header) => {
        const names = labelFileNames(named, header);
        const kinds = new Map([
          [names.rowId, id?.kind],
          [names.value, label?.kind],
          [names.observedAt, 'timestamp' as const],
        ]);
        return header.map((name) => kinds.get(name));
      },
    },
  };
}

/** The API has lists that may change and fields that may be undefined, of which JSON has none. */
export const toFormat = (format: ContractAnswer['format']): FileFormat | undefined => format as FileFormat | undefined;
