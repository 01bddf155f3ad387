import { Card, Group, SimpleGrid, Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { HealthAnswer, ModelVersion } from '#api';
import { TimeText } from '../../components/TimeText.tsx';
import { ToneDot } from '../../components/ToneBadge.tsx';
import { toNumberText, toShareText, toTitle } from '../../format.ts';
import { inUsualOrder, toMetricTitle } from '../../metrics.ts';
import { healthQuery, latestChecksQuery, latestPredictionsQuery, modelsQuery } from '../../queries.ts';
import type { Tone } from '../../tones.ts';

const FILES = 10;

/** The four main indicators: system, model, data, predictions. */
export function Vitals() {
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} spacing={{ base: 'sm', md: 'md' }}>
      <SystemVital />
      <ChampionVital />
      <DataVital />
      <PredictionsVital />
    </SimpleGrid>
  );
}

interface VitalProps {
  readonly name: string;
  readonly tone: Tone;
  readonly value: ReactNode;
  readonly detail: ReactNode;
  readonly to?: LinkProps['to'];
}

function Vital({ name, tone, value, detail, to }: VitalProps) {
  const content = (
    <>
      <Group gap={7} mb={6}>
        <ToneDot tone={tone} />
        <Text size="sm" c="dimmed" fw={500}>
          {name}
        </Text>
      </Group>
      <Text fz={21} fw={650} lh={1.25} component="div" className="break tabular" style={{ letterSpacing: '-0.02em' }}>
        {value}
      </Text>
      <Text size="sm" c="dimmed" component="div" className="break">
        {detail}
      </Text>
    </>
  );
  if (to === undefined) return <Card>{content}</Card>;
  return (
    <Card className="card-link" renderRoot={(props) => <Link to={to} {...props} />}>
      {content}
    </Card>
  );
}

function VitalSkeleton() {
  return <Skeleton height={104} radius="lg" />;
}

function SystemVital() {
  const { data, error } = useQuery(healthQuery);
  if (error !== null) {
    return (
      <Vital
        name="System"
        tone="red"
        value="Not reachable"
        detail="Check that Weir is running; this page keeps trying."
      />
    );
  }
  if (data === undefined) return <VitalSkeleton />;
  return <Vital name="System" {...toSystem(data)} />;
}

function toSystem(health: HealthAnswer): Pick<VitalProps, 'tone' | 'value' | 'detail'> {
  const checks = Object.entries(health.checks);
  const failing = checks.filter(([, check]) => !check.ok);
  const names = (list: typeof checks) =>
    list.map(([name, { detail }]) => (detail === undefined ? name : `${name} (${detail})`)).join(', ');
  switch (health.status) {
    case 'ok':
      return {
        tone: 'green',
        value: 'All well',
        detail: checks.map(([name]) => toTitle(name)).join(', ') || 'The server answers',
      };
    case 'starting':
      return {
        tone: 'blue',
        value: 'Starting',
        detail: failing.length === 0 ? 'Ready in a moment' : `Waiting for ${names(failing)}`,
      };
    case 'failing':
      return { tone: 'red', value: 'Needs attention', detail: names(failing) || 'The server reports a failure' };
    default: {
      const never: never = health.status;
      return never;
    }
  }
}

function ChampionVital() {
  const { data, error } = useQuery(modelsQuery);
  if (error !== null) return <Vital name="Champion" tone="grey" value="Unknown" detail={error.message} to="/models" />;
  if (data === undefined) return <VitalSkeleton />;
  const champion = data.versions.find(({ aliases }) => aliases.includes('champion'));
  if (champion === undefined) {
    return (
      <Vital name="Champion" tone="grey" value="None yet" detail="The first training run makes one" to="/models" />
    );
  }
  return (
    <Vital
      name="Champion"
      tone="green"
      value={`${champion.model}@${champion.version}`}
      detail={<MetricLine champion={champion} />}
      to="/models"
    />
  );
}

function MetricLine({ champion }: { readonly champion: ModelVersion }) {
  const [first] = inUsualOrder(Object.keys(champion.metrics));
  const metric = first === undefined ? '' : `${toMetricTitle(first)} ${toNumberText(champion.metrics[first]?.value)}, `;
  return (
    <>
      {metric}made <TimeText time={champion.createdAt} />
    </>
  );
}

function DataVital() {
  const { data, error } = useQuery(latestChecksQuery(FILES));
  if (error !== null) return <Vital name="Data" tone="grey" value="Unknown" detail={error.message} to="/data" />;
  if (data === undefined) return <VitalSkeleton />;
  const rows = data.items.reduce((sum, check) => sum + check.rows.in, 0);
  const good = data.items.reduce((sum, check) => sum + check.rows.good, 0);
  const [last] = data.items;
  if (last === undefined)
    return (
      <Vital
        name="Data"
        tone="grey"
        value="No files yet"
        detail="The ingest pipeline checks each that arrives"
        to="/data"
      />
    );
  const invalid = rows === 0 ? 0 : 1 - good / rows;
  return (
    <Vital
      name="Data"
      tone={invalid < 0.05 ? 'green' : invalid < 0.2 ? 'orange' : 'red'}
      value={rows === 0 ? 'No rows' : `${toShareText(good / rows)} good rows`}
      detail={
        <>
          in the last {data.items.length} files, newest <TimeText time={last.checkedAt} />
        </>
      }
      to="/data"
    />
  );
}

function PredictionsVital() {
  const { data, error } = useQuery(latestPredictionsQuery(8));
  if (error !== null)
    return <Vital name="Predictions" tone="grey" value="Unknown" detail={error.message} to="/past-predictions" />;
  if (data === undefined) return <VitalSkeleton />;
  const [last] = data.items;
  if (last === undefined)
    return (
      <Vital name="Predictions" tone="grey" value="None yet" detail="Make one on the Predict page" to="/predict" />
    );
  return (
    <Vital
      name="Last prediction"
      tone="green"
      value={<TimeText time={last.at} />}
      detail={`by ${last.modelVersion}, ${last.source}`}
      to="/past-predictions"
    />
  );
}
