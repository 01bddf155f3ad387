import { Card, Code, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { WorkerQueue } from '#api';
import { toNumberText } from '../../format.ts';
import { toStartCommand, unserved } from './worker-words.ts';

/** Says what waits for a worker that nobody runs, and how to start one. */
export function Unserved({ queues }: { readonly queues: readonly WorkerQueue[] }) {
  return unserved(queues).map(({ label, runtime, waiting }) => (
    <Card key={`${label} ${runtime}`} role="alert" style={{ borderColor: 'var(--tone-red-solid)' }}>
      <Group wrap="nowrap" align="flex-start" gap="sm">
        <IconAlertTriangle size={20} color="var(--tone-red-solid)" style={{ flex: 'none', marginTop: 2 }} />
        <Stack gap={6} style={{ minWidth: 0 }}>
          <Text fw={600}>
            {toNumberText(waiting ?? 0)} {waiting === 1 ? 'goal waits' : 'goals wait'} for the label “{label}”, which no
            worker serves
          </Text>
          <Text size="sm" className="break">
            Start one with the code of runtime <Code>{runtime}</Code>: <Code>{toStartCommand(label)}</Code>
          </Text>
        </Stack>
      </Group>
    </Card>
  ));
}
