import { Stack, Text } from '@mantine/core';
import type { PastPrediction } from '#api';
import { CopyTime } from '../../components/CopyTime.tsx';
import { FactList } from '../../components/FactList.tsx';
import { toCountText, toLabelText, toTimeText } from '../../format.ts';
import { useLabelColumn } from '../../label-column.ts';

/** What really happened, once a label says so, and what was said of it before. */
export function Outcome({ item: { labels, rowId } }: { readonly item: PastPrediction }) {
  const label = useLabelColumn();
  const [newest, ...earlier] = labels;
  if (newest === undefined)
    return (
      <Text size="sm" c="dimmed">
        {rowId === undefined
          ? 'It is not known what really happened. A label can be sent with the id of this prediction.'
          : 'It is not known yet what really happened.'}
      </Text>
    );
  return (
    <Stack gap="xs">
      <FactList
        facts={[
          { name: 'What happened', value: <b>{toLabelText(newest.value, label)}</b> },
          { name: 'Since', value: <CopyTime time={newest.observedAt} /> },
          { name: 'Received', value: <CopyTime time={newest.receivedAt} /> },
          { name: 'Sent by', value: newest.source },
        ]}
      />
      {earlier.length === 0 ? null : (
        <Text size="xs" c="dimmed" className="break">
          {toCountText(earlier.length, 'label')} before:{' '}
          {earlier
            .map(({ value, receivedAt }) => `${toLabelText(value, label)} (${toTimeText(receivedAt)})`)
            .join(', ')}
        </Text>
      )}
    </Stack>
  );
}
