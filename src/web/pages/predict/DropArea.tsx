import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { type ContractColumn, toExampleRow } from '#api';
import { featuresOf, identitiesOf } from '../../columns.ts';
import { FileDrop } from '../../components/FileDrop.tsx';
import { downloadCsv, toCsv } from '../../csv/write.ts';

interface DropAreaProps {
  readonly columns: readonly ContractColumn[];
  readonly isBusy: boolean;
  readonly onFile: (file: File) => void;
}

/** Accepts a CSV file of rows to predict. */
export function DropArea({ columns, isBusy, onFile }: DropAreaProps) {
  const names = featuresOf(columns).map(({ name }) => name);
  const optional = identitiesOf(columns).map(({ name }) => name);
  return (
    <FileDrop
      label="CSV file"
      title="Drop a CSV file here"
      accept=".csv,.tsv,.txt,.gz,text/csv"
      isBusy={isBusy}
      onFile={onFile}
      actions={
        <Button
          variant="default"
          leftSection={<IconDownload size={16} />}
          onClick={() => downloadCsv('template.csv', toTemplate(columns))}
        >
          Template
        </Button>
      }
    >
      It needs the columns {names.join(', ')}.
      {optional.length === 0 ? '' : ` With ${optional.join(' and ')} you find each row again.`} Only these columns are
      sent; the others stay in your browser, and all of them are in the result.
    </FileDrop>
  );
}

function toTemplate(columns: readonly ContractColumn[]): string {
  const example = toExampleRow([...identitiesOf(columns), ...featuresOf(columns)]);
  return toCsv([Object.keys(example), Object.values(example)]);
}
