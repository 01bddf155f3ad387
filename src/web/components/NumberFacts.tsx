import { Group, Text } from '@mantine/core';
import type { StoredPrediction } from '#api';
import { useLabelColumn } from '../label-column.ts';
import { toNumberFacts } from '../number-summary.ts';

interface NumberFactsProps {
  readonly items: readonly StoredPrediction[];
  /** Which predictions these are: `Of the 50 shown`. */
  readonly of: string;
}

/** Average, range and errors of predicted numbers in one line; nothing where classes are predicted. */
export function NumberFacts({ items, of }: NumberFactsProps) {
  const facts = toNumberFacts(items, useLabelColumn());
  if (facts.length === 0) return null;
  return (
    <Group px="md" pb="sm" gap="md">
      <Text size="sm" c="dimmed">
        {of}:
      </Text>
      {facts.map(({ value, about }) => (
        <Text key={about} size="sm" c="dimmed" className="tabular">
          <Text span fw={650} c="var(--mantine-color-text)">
            {value}
          </Text>{' '}
          {about}
        </Text>
      ))}
    </Group>
  );
}
