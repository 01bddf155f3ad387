import { SimpleGrid, Text } from '@mantine/core';
import type { ReactNode } from 'react';

interface FactListProps {
  readonly facts: readonly { readonly name: string; readonly value: ReactNode }[];
}

/** Names and values in a calm grid. */
export function FactList({ facts }: FactListProps) {
  return (
    <SimpleGrid component="dl" cols={{ base: 2, sm: 3, lg: 5 }} spacing="md" verticalSpacing="sm" m={0}>
      {facts.map(({ name, value }) => (
        <div key={name} style={{ minWidth: 0 }}>
          <Text component="dt" size="xs" c="dimmed">
            {name}
          </Text>
          <Text component="dd" size="sm" m={0} className="break tabular">
            {value}
          </Text>
        </div>
      ))}
    </SimpleGrid>
  );
}
