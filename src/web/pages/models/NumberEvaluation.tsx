import { SimpleGrid, Text } from '@mantine/core';
import type { ModelVersion } from '#api';
import { Section } from '../../components/Section.tsx';
import { ChartPanel } from '../../dashboard/ChartPanel.tsx';
import type { ToOption } from '../../dashboard/chart-frame.ts';
import { toHistogramOption } from '../../dashboard/histogram-options.ts';
import type { PanelView } from '../../dashboard/panel-view.ts';
import { useLabelColumn } from '../../label-column.ts';
import { toErrorsView, toGroupsOption, toGroupsView, toValuesView } from './number-evaluation.ts';

const HEIGHT_PX = 240;

/** How a version that predicts numbers did on its test rows: distributions and errors. Of classes there is nothing here. */
export function NumberEvaluation({ version: { model, version, distribution } }: { readonly version: ModelVersion }) {
  const label = useLabelColumn();
  if (distribution === undefined) return null;
  return (
    <Section title={`${model}@${version} on its test rows`}>
      <SimpleGrid cols={{ base: 1, lg: 3 }} spacing="lg" px="md" pb="md">
        <Drawing
          view={toErrorsView(distribution, label)}
          toOption={toHistogramOption}
          about="Share of the rows by predicted minus real number; around zero is best"
        />
        <Drawing
          view={toValuesView(distribution, label)}
          toOption={toHistogramOption}
          about="Share of the rows by number"
        />
        <Drawing
          view={toGroupsView(distribution, label)}
          toOption={toGroupsOption}
          about="What was real, from left to right by what was predicted"
        />
      </SimpleGrid>
    </Section>
  );
}

interface DrawingProps {
  readonly view: PanelView;
  readonly toOption: ToOption;
  readonly about: string;
}

function Drawing({ view, toOption, about }: DrawingProps) {
  return (
    <div style={{ minWidth: 0 }}>
      <Text size="sm" fw={600}>
        {view.panel.title}
      </Text>
      <Text size="xs" c="dimmed" mb={6}>
        {about}
      </Text>
      <div style={{ height: HEIGHT_PX }}>
        <ChartPanel view={view} toOption={toOption} label={`${view.panel.title}. ${about}.`} />
      </div>
    </div>
  );
}
