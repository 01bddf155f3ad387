import { Code, Group, Select, Stack, Text } from '@mantine/core';
import { IconTargetArrow } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { ModelVersion, PerformanceAnswer } from '#api';
import { Empty, Failed, LoadingRows } from '../../components/Notice.tsx';
import { Section } from '../../components/Section.tsx';
import { toDayText, toNumberText, toShareText } from '../../format.ts';
import { performanceQuery } from '../../queries.ts';
import { PerformanceCharts } from './PerformanceCharts.tsx';
import { ALL, type Measured, PerformanceTable } from './PerformanceTable.tsx';

const route = getRouteApi('/models');
const DAYS = 14;

/** What the labels that came say of the predictions of the last days, and what is expected of those without. */
export function PerformanceSection({ versions }: { readonly versions: readonly ModelVersion[] }) {
  const { served } = route.useSearch();
  const navigate = route.useNavigate();
  const version = served === undefined ? null : String(served);
  const setVersion = (chosen: string | null) =>
    void navigate({
      replace: true,
      resetScroll: false,
      search: ({ served: _old, ...others }) => (chosen === null ? others : { ...others, served: Number(chosen) }),
    });
  const { data, error, refetch } = useQuery({
    ...performanceQuery(DAYS, version ?? undefined),
    placeholderData: keepPreviousData,
  });
  const aside = (
    <Group gap="md" justify="flex-end">
      {data === undefined ? null : <Total answer={data} />}
      {versions.length < 2 ? null : (
        <Select
          aria-label="Version"
          placeholder="All versions"
          size="xs"
          w={150}
          clearable
          value={version}
          onChange={setVersion}
          data={versions.map((each) => ({ value: String(each.version), label: `${each.model}@${each.version}` }))}
        />
      )}
    </Group>
  );
  return (
    <Section title={`In production, last ${DAYS} days`} aside={aside}>
      {data !== undefined ? (
        <Shown answer={data} />
      ) : error === null ? (
        <LoadingRows rows={3} />
      ) : (
        <Failed what="The performance" error={error} onRetry={() => void refetch()} />
      )}
    </Section>
  );
}

function Total({ answer: { total, isComplete } }: { readonly answer: PerformanceAnswer }) {
  if (total.predictions === 0) return null;
  return (
    <Text size="sm" c="dimmed" className="tabular">
      {toNumberText(total.labelled)} of {toNumberText(total.predictions)} predictions have a label (
      {toShareText(total.labelled / total.predictions)}){isComplete ? '' : '; more labels are being compared'}
    </Text>
  );
}

function Shown({ answer }: { readonly answer: PerformanceAnswer }) {
  const { model, days, total, versions, labelsMin } = answer;
  const all: Measured = { ...total, name: ALL, title: 'All days' };
  const byDay = days
    .filter(({ predictions }) => predictions > 0)
    .reverse()
    .map((day): Measured => ({ ...day, name: day.day, title: toDayText(day.day) }));
  const byVersion = versions.map(
    (each): Measured => ({
      ...each,
      name: String(each.version),
      title: `${model}@${each.version}`,
      order: each.version,
    }),
  );
  const isEmpty = total.labelled === 0;
  return (
    <Stack gap="lg">
      {isEmpty ? (
        <Empty icon={<IconTargetArrow size={22} />} title="Not known yet">
          When labels come, by <Code>POST /api/labels</Code>, <Code>weir labels</Code> or in files with their rows, this
          compares them with the <Link to="/past-predictions">predictions</Link>.
        </Empty>
      ) : null}
      {isEmpty && total.estimate === undefined ? null : (
        <>
          <PerformanceCharts answer={answer} />
          {byVersion.length < 2 ? null : (
            <PerformanceTable
              name="by-version"
              label="Performance by version"
              first="Version"
              {...{ labelsMin }}
              records={byVersion}
            />
          )}
          <PerformanceTable
            name="days"
            label="Performance by day"
            first="Day"
            {...{ labelsMin }}
            records={[all, ...byDay]}
          />
        </>
      )}
    </Stack>
  );
}
