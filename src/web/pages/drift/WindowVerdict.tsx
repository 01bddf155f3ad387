import { Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconCircleDashed } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { DriftWindowDetail } from '#api';
import { TimeText } from '../../components/TimeText.tsx';
import { ToneBadge } from '../../components/ToneBadge.tsx';
import { toCountText } from '../../format.ts';
import type { Tone } from '../../tones.ts';
import { maybeAdvice, toWindowText, windowLook } from './words.ts';

interface WindowVerdictProps {
  readonly window: DriftWindowDetail;
  readonly isNewest: boolean;
}

/** The verdict on a window in a sentence, and what to do. */
export function WindowVerdict({ window, isNewest }: WindowVerdictProps) {
  const { tone, word } = windowLook(window);
  const advice = maybeAdvice(window);
  return (
    <Stack gap="xs">
      <Group gap="sm" justify="space-between">
        <Group gap="sm">
          <ToneBadge tone={tone} icon={toIcon(tone)}>
            {word}
          </ToneBadge>
          <Text size="sm" c="dimmed" className="tabular">
            {isNewest ? 'Newest window: ' : ''}
            {toWindowText(window)}
          </Text>
        </Group>
        {isNewest ? null : (
          <Link
            from="/drift"
            to="."
            search={({ window: _, ...others }) => others}
            resetScroll={false}
            className="text-link"
          >
            Show the newest window
          </Link>
        )}
      </Group>
      <Text fw={600} className="break">
        {window.sentence}
      </Text>
      {advice === undefined ? null : (
        <Text size="sm" className="break">
          {advice}
        </Text>
      )}
      <Text size="sm" c="dimmed" component="div" className="tabular">
        {toCountText(window.rows, 'row')}
        {window.lateRows === 0 ? '' : `, ${toCountText(window.lateRows, 'more', 'more')} that came after the verdict`}.
        Judged <TimeText time={window.judgedAt} /> by{' '}
        <Link to="/runs/$id" params={{ id: window.runId }}>
          run {window.runId}
        </Link>
      </Text>
    </Stack>
  );
}

function toIcon(tone: Tone): ReactNode {
  switch (tone) {
    case 'green':
      return <IconCheck size={13} />;
    case 'grey':
      return <IconCircleDashed size={13} />;
    default:
      return <IconAlertTriangle size={13} />;
  }
}
