import { SimpleGrid } from '@mantine/core';
import { LatestFiles } from './LatestFiles.tsx';
import { LatestPredictions } from './LatestPredictions.tsx';

/** The newest files and predictions, side by side where there is room. */
export function LatestRecords() {
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
      <LatestFiles />
      <LatestPredictions />
    </SimpleGrid>
  );
}
