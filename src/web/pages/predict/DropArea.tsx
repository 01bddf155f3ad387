import { Button, FileButton, Group, Loader, Text, ThemeIcon } from '@mantine/core';
import { IconDownload, IconFileUpload } from '@tabler/icons-react';
import { type DragEvent, useState } from 'react';
import type { ContractColumn } from '#api';
import { featuresOf, identitiesOf } from '../../csv/convert.ts';
import { downloadCsv, toCsv } from '../../csv/write.ts';
import { toExample } from './example.ts';

interface DropAreaProps {
  readonly columns: readonly ContractColumn[];
  readonly isBusy: boolean;
  readonly onFile: (file: File) => void;
}

/** Accepts a CSV file, dropped or chosen. */
export function DropArea({ columns, isBusy, onFile }: DropAreaProps) {
  const [isOver, setIsOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setIsOver(false);
    const [file] = event.dataTransfer.files;
    if (file !== undefined) onFile(file);
  };
  const names = featuresOf(columns).map(({ name }) => name);
  const optional = identitiesOf(columns).map(({ name }) => name);
  return (
    <section
      className="drop-area"
      aria-label="CSV file"
      {...(isOver ? { 'data-over': true } : {})}
      onDragOver={(event) => {
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={drop}
    >
      <ThemeIcon variant="light" size={44} radius="xl">
        {isBusy ? <Loader size={20} /> : <IconFileUpload size={22} />}
      </ThemeIcon>
      <Text fw={600}>Drop a CSV file here</Text>
      <Text size="sm" c="dimmed" className="break" maw={560}>
        It needs the columns {names.join(', ')}.
        {optional.length === 0 ? '' : ` With ${optional.join(' and ')} you find each row again.`} Only these columns are
        sent; the others stay in your browser, and all of them are in the result.
      </Text>
      <Group gap="sm" justify="center">
        <FileButton accept=".csv,.tsv,.txt,text/csv" onChange={(file) => file !== null && onFile(file)}>
          {(props) => (
            <Button {...props} disabled={isBusy}>
              Choose a file
            </Button>
          )}
        </FileButton>
        <Button
          variant="default"
          leftSection={<IconDownload size={16} />}
          onClick={() => downloadCsv('template.csv', toTemplate(columns))}
        >
          Template
        </Button>
      </Group>
    </section>
  );
}

function toTemplate(columns: readonly ContractColumn[]): string {
  const example = toExample([...identitiesOf(columns), ...featuresOf(columns)]);
  return toCsv([Object.keys(example), Object.values(example)]);
}
