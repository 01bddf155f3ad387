import { SimpleGrid, Stack, Text } from '@mantine/core';
import type { ModelVersion } from '#api';
import { MetricText } from '../../components/MetricText.tsx';
import { Section } from '../../components/Section.tsx';
import { toMetricTitle } from '../../metrics.ts';
import { IntervalBar } from './IntervalBar.tsx';
import { metricNames, toBounds } from './metrics.ts';

/** Older versions are in the table below. */
const VERSIONS_SHOWN = 5;

/** The newest versions side by side: a difference counts where intervals do not overlap. */
export function MetricIntervals({ versions }: { readonly versions: readonly ModelVersion[] }) {
  const shown = versions.slice(0, VERSIONS_SHOWN);
  return (
    <Section title="Compared">
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="xl" verticalSpacing="lg" px="md" pb="md">
        {metricNames(shown).map((name) => (
          <Stack key={name} gap={6}>
            <Text size="sm" fw={600}>
              {toMetricTitle(name)}
            </Text>
            {shown.map((version) => (
              <Interval key={version.version} name={name} version={version} versions={shown} />
            ))}
          </Stack>
        ))}
      </SimpleGrid>
    </Section>
  );
}

interface IntervalProps {
  readonly name: string;
  readonly version: ModelVersion;
  readonly versions: readonly ModelVersion[];
}

function Interval({ name, version, versions }: IntervalProps) {
  const metric = version.metrics[name];
  const bounds = toBounds(name, versions);
  const tone = version.aliases.includes('champion')
    ? 'green'
    : version.aliases.includes('challenger')
      ? 'blue'
      : 'grey';
  return (
    <div style={{ display: 'grid', gridTemplateColumns: '36px 1fr minmax(52px, auto)', gap: 10, alignItems: 'center' }}>
      <Text size="xs" c="dimmed">
        @{version.version}
      </Text>
      <IntervalBar metric={metric} bounds={bounds} tone={tone} />
      <Text size="xs" ta="right" className="tabular">
        <MetricText name={name} metric={metric} />
      </Text>
    </div>
  );
}
