import { Group, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';

interface PageHeaderProps {
  readonly title: string;
  /** What the tab is called: with the state of what is shown. The title unless set. */
  readonly tabTitle?: string;
  readonly children?: ReactNode;
  /** Buttons and filters at the right; below on phones. */
  readonly actions?: ReactNode;
}

/** Name of the page, a sentence about it, and what can be done here. */
export function PageHeader({ title, tabTitle = title, children, actions }: PageHeaderProps) {
  useEffect(() => {
    document.title = `${tabTitle} · Weir`;
  }, [tabTitle]);
  return (
    <Group justify="space-between" align="flex-end" gap="md" mb="lg">
      <Stack gap={2} style={{ minWidth: 0 }}>
        <Title order={1} fz={{ base: 22, sm: 26 }} className="break">
          {title}
        </Title>
        {children === undefined ? null : (
          <Text c="dimmed" size="sm" component="div">
            {children}
          </Text>
        )}
      </Stack>
      {actions === undefined ? null : <Group gap="sm">{actions}</Group>}
    </Group>
  );
}
