import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { type ContractAnswer, type ContractColumn, toExampleRow } from '#api';
import { tableText } from '#contracts/browser';
import { featuresOf, identitiesOf } from '../../columns.ts';
import { FileDrop } from '../../components/FileDrop.tsx';
import { FormatNote } from '../../components/FormatNote.tsx';
import { toFormat } from '../../csv/form-reading.ts';
import { TABLE_FILES } from '../../csv/read-table.ts';
import { downloadCsv, toCsv } from '../../csv/write.ts';

interface DropAreaProps {
  readonly contract: Pick<ContractAnswer, 'columns' | 'delimiter' | 'format'>;
  readonly isBusy: boolean;
  readonly onFile: (file: File) => void;
}

/** Accepts a CSV file of rows to predict. */
export function DropArea({ contract, isBusy, onFile }: DropAreaProps) {
  const { columns, format } = contract;
  const names = featuresOf(columns).map(({ name }) => name);
  const optional = identitiesOf(columns).map(({ name }) => name);
  return (
    <FileDrop
      label="CSV file"
      title="Drop a CSV file here"
      accept={TABLE_FILES}
      isBusy={isBusy}
      onFile={onFile}
      note={<FormatNote format={format} />}
      actions={
        <Button
          variant="default"
          leftSection={<IconDownload size={16} />}
          onClick={() => downloadCsv('template.csv', toTemplate(contract))}
        >
          Template
        </Button>
      }
    >
      It needs the columns {names.join(', ')}.
      {optional.length === 0 ? '' : ` With ${optional.join(' and ')} you find each row again.`} Only these columns are
      sent; the others stay in your browser, and all of them are in the result. The file may be compressed, as gz, zst,
      bz2 or a zip of one file.
    </FileDrop>
  );
}

/** A row that meets the contract, written as the contract says. */
function toTemplate({ columns, delimiter, format }: DropAreaProps['contract']): string {
  const named = toTemplateColumns(columns, format);
  const example = toExampleRow(named);
  if (format === undefined) return toCsv([Object.keys(example), Object.values(example)]);
  const cells = Object.values(example).map((value) => (value === null ? '' : String(value)));
  return tableText({ columns: named, rows: [cells] }, { delimiter, format: toFormat(format) ?? {} });
}

/** Without a header row columns are told by their places, so that all are there. */
function toTemplateColumns(columns: readonly ContractColumn[], format: ContractAnswer['format']) {
  if (format?.headerRows !== 0) return [...identitiesOf(columns), ...featuresOf(columns)];
  return columns.filter(({ role }) => role !== 'label');
}
