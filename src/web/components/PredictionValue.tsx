import { Group, Text } from '@mantine/core';
import type { StoredPrediction } from '#api';
import { NOTHING, toLabelText, toShareText, toStatisticText } from '../format.ts';
import { useLabelColumn } from '../label-column.ts';
import { ToneBadge } from './ToneBadge.tsx';

/** What was predicted, with its probability where the model gives one. */
export function PredictionValue({ item }: { readonly item: Pick<StoredPrediction, 'prediction' | 'probability'> }) {
  const label = useLabelColumn();
  return (
    <Group gap={8} wrap="nowrap">
      <Text component="span" fw={650} size="sm" className={toClassName(item.prediction)}>
        {toLabelText(item.prediction, label)}
      </Text>
      {item.probability === undefined ? null : (
        <Text component="span" size="sm" c="dimmed" className="tabular nowrap">
          {toShareText(item.probability)}
        </Text>
      )}
    </Group>
  );
}

/** What really happened, and how far the prediction was from it; a dash while it is not known. */
export function ActualValue({ item: { actual, isCorrect, error } }: { readonly item: StoredPrediction }) {
  const label = useLabelColumn();
  if (actual === undefined) return <span>{NOTHING}</span>;
  return (
    <Group gap={8} wrap="nowrap">
      <Text component="span" size="sm" className={toClassName(actual)}>
        {toLabelText(actual, label)}
      </Text>
      {isCorrect === undefined ? null : (
        <ToneBadge tone={isCorrect ? 'green' : 'red'}>{isCorrect ? 'correct' : 'wrong'}</ToneBadge>
      )}
      {error === undefined ? null : (
        <Text component="span" size="sm" c="dimmed" className="tabular nowrap">
          {error > 0 ? '+' : ''}
          {toStatisticText(error, label)}
        </Text>
      )}
    </Group>
  );
}

/** A number stays beside its unit; the name of a class may be long. */
const toClassName = (value: unknown): string => (typeof value === 'number' ? 'tabular nowrap' : 'tabular');
