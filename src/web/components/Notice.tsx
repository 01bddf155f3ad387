import { Button, Card, Group, Skeleton, Stack, Text, ThemeIcon } from '@mantine/core';
import { IconAlertTriangle, IconRefresh } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { RequestError } from '../client.ts';

interface EmptyProps {
  readonly icon: ReactNode;
  readonly title: string;
  /** What will appear here, and when. */
  readonly children: ReactNode;
}

/** An empty state that says what will appear here. */
export function Empty({ icon, title, children }: EmptyProps) {
  return (
    <Stack align="center" gap={6} py={36} px="md" ta="center">
      <ThemeIcon variant="light" size={44} radius="xl" mb={4}>
        {icon}
      </ThemeIcon>
      <Text fw={600}>{title}</Text>
      <Text c="dimmed" size="sm" maw={440}>
        {children}
      </Text>
    </Stack>
  );
}

interface FailedProps {
  readonly error: unknown;
  readonly what: string;
  /** What failed; `cannot be shown` by default. */
  readonly verb?: string;
  readonly onRetry?: () => void;
}

/** Says what failed, why, and what to do. */
export function Failed({ error, what, verb = 'cannot be shown', onRetry }: FailedProps) {
  const code = error instanceof RequestError ? error.body.code : 'error';
  const message = error instanceof Error ? error.message : String(error);
  return (
    <Card role="alert" style={{ borderColor: 'var(--tone-red-solid)' }}>
      <Group wrap="nowrap" align="flex-start" gap="sm">
        <IconAlertTriangle size={20} color="var(--tone-red-solid)" style={{ flex: 'none', marginTop: 2 }} />
        <Stack gap={6} style={{ minWidth: 0 }}>
          <Text fw={600}>
            {what} {verb}
          </Text>
          <Text size="sm" className="break">
            {message}
          </Text>
          <Text size="xs" c="dimmed" className="mono">
            {code}
          </Text>
          {onRetry === undefined ? null : (
            <Button
              variant="default"
              size="xs"
              w="fit-content"
              leftSection={<IconRefresh size={14} />}
              onClick={onRetry}
            >
              Try again
            </Button>
          )}
        </Stack>
      </Group>
    </Card>
  );
}

/** Grey placeholder lines while rows are loading. */
export function LoadingRows({ rows = 6, height = 22 }: { readonly rows?: number; readonly height?: number }) {
  return (
    <Stack gap="sm" p="md" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines are all alike and never move.
        <Skeleton key={index} height={height} radius="sm" width={`${100 - ((index * 7) % 23)}%`} />
      ))}
    </Stack>
  );
}
