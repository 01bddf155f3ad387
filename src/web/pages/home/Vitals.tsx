import { SimpleGrid } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { HealthAnswer } from '#api';
import { TimeText } from '../../components/TimeText.tsx';
import { toShareText, toTitle } from '../../format.ts';
import { healthQuery, latestChecksQuery, latestPredictionsQuery } from '../../queries.ts';
import { ChampionVital } from './ChampionVital.tsx';
import { Vital, type VitalProps, VitalSkeleton } from './Vital.tsx';

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
    case 'stopping':
      return { tone: 'blue', value: 'Stopping', detail: 'The server is being stopped' };
    case 'failing':
      return { tone: 'red', value: 'Needs attention', detail: names(failing) || 'The server reports a failure' };
    default: {
      const never: never = health.status;
      return never;
    }
  }
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
          in {data.items.length === 1 ? 'the last file' : `the last ${data.items.length} files`}, newest{' '}
          <TimeText time={last.checkedAt} />
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
