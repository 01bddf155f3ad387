import { Button, Center, Group, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import type { ContractAnswer, StoredPrediction } from '#api';
import { PredictionTable } from '../../components/PredictionTable.tsx';
import { Section } from '../../components/Section.tsx';
import { featureNames, toCsvLines } from '../../csv/predictions.ts';
import { downloadCsv, toCsv } from '../../csv/write.ts';
import { toCountText } from '../../format.ts';

const STEP = 100;

interface CsvResultsProps {
  readonly items: readonly StoredPrediction[];
  readonly contract: ContractAnswer;
  readonly fileName: string;
}

/** The predictions of a file, in its order. */
export function CsvResults({ items, contract, fileName }: CsvResultsProps) {
  const [shown, setShown] = useState(STEP);
  const download = () => {
    const lines = toCsvLines(items, featureNames(contract.columns, items));
    downloadCsv(`${fileName.replace(/\.\w+$/, '')}-predictions.csv`, toCsv(lines));
  };
  return (
    <Section
      title={`${toCountText(items.length, 'prediction')} for ${fileName}`}
      aside={
        <Button variant="default" size="xs" leftSection={<IconDownload size={14} />} onClick={download}>
          Download
        </Button>
      }
    >
      <Group px="md" pb="sm" gap="md">
        {toCounts(items).map(([value, count]) => (
          <Text key={value} size="sm" c="dimmed">
            <Text span fw={650} c="var(--mantine-color-text)">
              {value}
            </Text>{' '}
            {toCountText(count, 'row')}
          </Text>
        ))}
      </Group>
      <PredictionTable
        label="Predictions of the file"
        items={items.slice(0, shown)}
        columns={contract.columns}
        isFresh
      />
      {shown >= items.length ? null : (
        <Center p="md">
          <Button variant="default" onClick={() => setShown(shown + STEP)}>
            Show more
          </Button>
        </Center>
      )}
    </Section>
  );
}

// Classes are few; a number that is predicted has no counts worth showing.
function toCounts(items: readonly StoredPrediction[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { prediction } of items) {
    if (typeof prediction === 'number') return [];
    counts.set(prediction, (counts.get(prediction) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]).slice(0, 6);
}
