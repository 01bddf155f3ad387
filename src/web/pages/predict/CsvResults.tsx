import { Box, Button, Group, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useMemo } from 'react';
import type { ContractAnswer, ContractColumn, MadePrediction } from '#api';
import { changesIn, countChanges } from '../../coerced.ts';
import { CoercedNote } from '../../components/CoercedNote.tsx';
import { PredictionValue } from '../../components/PredictionValue.tsx';
import { type RecordColumn, RecordTable } from '../../components/RecordTable.tsx';
import { Section } from '../../components/Section.tsx';
import { ShortId } from '../../components/ShortId.tsx';
import { ToneBadge } from '../../components/ToneBadge.tsx';
import { type ResultRow, toResultLines, toResultRows } from '../../csv/results.ts';
import { downloadCsv, toCsv } from '../../csv/write.ts';
import { NOTHING, toCountText, toNumberText } from '../../format.ts';
import { toNumberFacts } from '../../number-summary.ts';
import { toCellValue } from '../../table/sort.ts';
import type { ParsedFile } from './parse-file.ts';

const CLASSES_SHOWN = 6;

interface CsvResultsProps {
  readonly file: ParsedFile;
  /** Predictions of its rows without a problem, in their order. */
  readonly items: readonly MadePrediction[];
  readonly contract: ContractAnswer;
}

/** The file as it came, in its order, with what was predicted for each row or why it was left out. */
export function CsvResults({ file, items, contract }: CsvResultsProps) {
  const { header } = file.table;
  const rows = useMemo(() => toResultRows(file.table.rows, items), [file, items]);
  const label = contract.columns.find(({ name }) => name === contract.label);
  const predicted = label?.label ?? 'Prediction';
  const columns = useMemo(() => toColumns(header, predicted), [header, predicted]);
  const download = () =>
    downloadCsv(`${file.name.replace(/\.\w+$/, '')}-predictions.csv`, toCsv(toResultLines(header, rows)));
  return (
    <Section
      title={`${toCountText(items.length, 'prediction')} for ${file.name}`}
      aside={
        <Button variant="default" size="xs" leftSection={<IconDownload size={14} />} onClick={download}>
          Download
        </Button>
      }
    >
      <Group px="md" pb="sm" gap="md">
        {[...toSummary(items, label), ...leftOut(rows.length - items.length)].map(([value, text]) => (
          <Text key={`${value} ${text}`} size="sm" c="dimmed">
            <Text span fw={650} c="var(--mantine-color-text)">
              {value}
            </Text>{' '}
            {text}
          </Text>
        ))}
      </Group>
      <Box px="md" pb="sm">
        <CoercedNote changes={changesIn(countChanges(items), { columns: contract.columns })} />
      </Box>
      <RecordTable
        name="results"
        label="Predictions of the file"
        columns={columns}
        records={rows}
        toKey={({ number }) => String(number)}
      />
    </Section>
  );
}

function toColumns(header: readonly string[], predicted: string): RecordColumn<ResultRow>[] {
  return [
    {
      key: '/row',
      title: 'Row',
      align: 'right',
      width: 60,
      value: ({ number }) => number,
      render: ({ number }) => toNumberText(number),
    },
    {
      key: '/prediction',
      title: `Predicted: ${predicted}`,
      value: ({ item, reason }) => item?.prediction ?? reason,
      render: ({ item, reason }) =>
        item === undefined ? (
          <>
            <ToneBadge tone="orange">Left out</ToneBadge>
            <Text size="xs" c="dimmed" className="break" miw={180} mt={2}>
              {reason}
            </Text>
          </>
        ) : (
          <PredictionValue item={item} />
        ),
    },
    ...header.map((name, at) => ({
      key: `${at} ${name}`,
      title: name === '' ? '(no name)' : name,
      value: ({ cells }: ResultRow) => toCellValue(cells[at]),
      render: ({ cells }: ResultRow) => <span className="tabular">{cells[at] || NOTHING}</span>,
    })),
    {
      key: '/id',
      title: 'Prediction id',
      align: 'right',
      value: ({ item }) => toCellValue(item?.predictionId),
      render: ({ item }) => (item?.predictionId === undefined ? NOTHING : <ShortId value={item.predictionId} />),
    },
  ];
}

const leftOut = (count: number): [string, string][] => (count === 0 ? [] : [['left out', toCountText(count, 'row')]]);

/** How many rows of each class, of the six most frequent; of numbers their average and range. */
function toSummary(items: readonly MadePrediction[], label: ContractColumn | undefined): [string, string][] {
  const facts = toNumberFacts(items, label);
  if (facts.length > 0) return facts.map(({ value, about }) => [value, about]);
  const counts = new Map<string, number>();
  for (const { prediction } of items) counts.set(String(prediction), (counts.get(String(prediction)) ?? 0) + 1);
  const most = [...counts].sort((a, b) => b[1] - a[1]).slice(0, CLASSES_SHOWN);
  return most.map(([value, count]) => [value, toCountText(count, 'row')]);
}
