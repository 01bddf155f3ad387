import { Group, Text, Tooltip } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { DriftWindow } from '#api';
import { TimeText } from '../../components/TimeText.tsx';
import { ToneDot } from '../../components/ToneBadge.tsx';
import { toWindowText, windowLook } from './words.ts';

interface WindowTimelineProps {
  /** Newest first. */
  readonly windows: readonly DriftWindow[];
  readonly shownId: string | undefined;
}

/** The last windows as squares in the colour of their verdict, oldest at the left; each leads to its comparisons. */
export function WindowTimeline({ windows, shownId }: WindowTimelineProps) {
  const [newest] = windows;
  const oldest = windows.at(-1);
  if (newest === undefined || oldest === undefined) return null;
  return (
    <nav aria-label="Windows by verdict">
      <div className="run-squares drift-windows">
        {windows.toReversed().map((window) => {
          const { tone, word } = windowLook(window);
          return (
            <Tooltip key={window.id} label={`${toWindowText(window)}. ${window.sentence}`}>
              <Link
                from="/drift"
                to="."
                search={(search) => ({ ...search, window: window.id })}
                resetScroll={false}
                className="run-square"
                style={{ background: `var(--tone-${tone}-solid)` }}
                aria-label={`${word}: ${toWindowText(window)}`}
                {...(window.id === shownId ? { 'aria-current': 'true' as const } : {})}
              />
            </Tooltip>
          );
        })}
      </div>
      <Group justify="space-between" gap="xs" mt={6}>
        <Text size="xs" c="dimmed" component="span">
          <TimeText time={oldest.from} isAbsolute />
        </Text>
        <Legend windows={windows} />
        <Text size="xs" c="dimmed" component="span">
          <TimeText time={newest.to} isAbsolute />
        </Text>
      </Group>
    </nav>
  );
}

/** The colours that are there, in words. */
function Legend({ windows }: Pick<WindowTimelineProps, 'windows'>) {
  const looks = new Map(windows.map((window) => [windowLook(window).word, windowLook(window).tone]));
  return (
    <Group gap="md" visibleFrom="sm">
      {[...looks].map(([word, tone]) => (
        <Group key={word} gap={6} wrap="nowrap">
          <ToneDot tone={tone} />
          <Text size="xs" c="dimmed">
            {word}
          </Text>
        </Group>
      ))}
    </Group>
  );
}
