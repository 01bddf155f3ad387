import { Card, Group, Title } from '@mantine/core';
import type { ReactNode } from 'react';

interface SectionProps {
  readonly title: string;
  /** At the right of the title: usually a link to details. */
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

/** A titled card whose content reaches its edges. */
export function Section({ title, aside, children }: SectionProps) {
  return (
    <Card padding={0} component="section">
      <Group justify="space-between" px="md" py={12} wrap="nowrap" gap="sm">
        <Title order={2} fz={15}>
          {title}
        </Title>
        {aside}
      </Group>
      {children}
    </Card>
  );
}
