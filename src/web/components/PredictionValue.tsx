import { Group, Text } from '@mantine/core';
import type { StoredPrediction } from '#api';
import { toFeatureText, toShareText } from '../format.ts';

/** What was predicted, with its probability where the model gives one. */
export function PredictionValue({ item }: { readonly item: StoredPrediction }) {
  return (
    <Group gap={8} wrap="nowrap">
      <Text component="span" fw={650} size="sm" className="tabular">
        {toFeatureText(item.prediction)}
      </Text>
      {item.probability === undefined ? null : (
        <Text component="span" size="sm" c="dimmed" className="tabular nowrap">
          {toShareText(item.probability)}
        </Text>
      )}
    </Group>
  );
}
