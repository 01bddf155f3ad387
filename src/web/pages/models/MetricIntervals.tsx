import { MultiSelect, SimpleGrid, Stack, Text } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import type { ModelVersion } from '#api';
import { MetricText } from '../../components/MetricText.tsx';
import { Section } from '../../components/Section.tsx';
import { toMetricTitle } from '../../metrics.ts';
import { toCompared, VERSIONS_SHOWN } from './compared.ts';
import { IntervalBar } from './IntervalBar.tsx';
import { metricNames, toBounds } from './metrics.ts';

const route = getRouteApi('/models');

/** Versions side by side, the newest unless others are chosen: a difference counts where intervals do not overlap. */
export function MetricIntervals({ versions }: { readonly versions: readonly ModelVersion[] }) {
  const { compare = [] } = route.useSearch();
  const navigate = route.useNavigate();
  const shown = toCompared(versions, compare);
  const choose = (chosen: readonly string[]) =>
    void navigate({
      replace: true,
      resetScroll: false,
      search: ({ compare: _old, ...others }) => (chosen.length === 0 ? others : { ...others, compare: chosen }),
    });
  const aside = (
    <MultiSelect
      aria-label="Versions to compare"
      placeholder={compare.length === 0 ? `The newest ${shown.length}` : ''}
      size="xs"
      miw={170}
      clearable
      maxValues={VERSIONS_SHOWN}
      data={versions.map((each) => ({ value: String(each.version), label: `@${each.version}` }))}
      value={shown.filter(({ version }) => compare.includes(String(version))).map(({ version }) => String(version))}
      onChange={choose}
    />
  );
  return (
    <Section title="Compared" aside={aside}>
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
