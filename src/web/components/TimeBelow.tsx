import { Text } from '@mantine/core';
import { TimeText } from './TimeText.tsx';

/** A time below the main cell of a row: phones have no room for a column of its own. */
export function TimeBelow({ time }: { readonly time: string }) {
  return (
    <Text component="div" size="xs" c="dimmed" fw={400} hiddenFrom="sm">
      <TimeText time={time} />
    </Text>
  );
}
