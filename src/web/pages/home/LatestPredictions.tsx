import { Text } from '@mantine/core';
import { IconArrowRight, IconSparkles } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { StoredPrediction } from '#api';
import { Empty, Failed, LoadingRows } from '../../components/Notice.tsx';
import { NumberFacts } from '../../components/NumberFacts.tsx';
import { PredictionValue } from '../../components/PredictionValue.tsx';
import { type RecordColumn, RecordTable } from '../../components/RecordTable.tsx';
import { Section } from '../../components/Section.tsx';
import { SourceBadge } from '../../components/SourceBadge.tsx';
import { TimeText } from '../../components/TimeText.tsx';
import { toFeatureText } from '../../format.ts';
import { contractQuery, latestPredictionsQuery } from '../../queries.ts';

const SHOWN = 6;
const COLUMNS: readonly RecordColumn<StoredPrediction>[] = [
  {
    key: 'prediction',
    title: 'Prediction',
    value: ({ prediction }) => prediction,
    render: (item) => <PredictionValue item={item} />,
  },
  {
    key: 'features',
    title: 'Features',
    visibleFrom: 'sm',
    render: (item) => <Features of={item} />,
  },
  {
    key: 'source',
    title: 'Source',
    value: ({ source }) => source,
    render: (item) => <SourceBadge source={item.source} />,
  },
  { key: 'time', title: 'Made', align: 'right', value: ({ at }) => at, render: (item) => <TimeText time={item.at} /> },
];

function Features({ of: { features } }: { readonly of: StoredPrediction }) {
  const columns = new Map(useQuery(contractQuery).data?.columns.map((column) => [column.name, column]));
  const texts = Object.entries(features).map(([name, value]) => toFeatureText(value, columns.get(name)));
  return (
    <Text size="sm" c="dimmed" lineClamp={1} className="break">
      {texts.join(' · ')}
    </Text>
  );
}

/** The predictions made last. */
export function LatestPredictions() {
  return (
    <Section
      title="Last predictions"
      aside={
        <Link to="/past-predictions" className="text-link">
          All predictions <IconArrowRight size={14} />
        </Link>
      }
    >
      <Predictions />
    </Section>
  );
}

function Predictions() {
  const { data, error, refetch } = useQuery(latestPredictionsQuery(8));
  if (data === undefined) {
    return error === null ? (
      <LoadingRows rows={SHOWN} />
    ) : (
      <Failed what="The predictions" error={error} onRetry={() => void refetch()} />
    );
  }
  if (data.items.length === 0) {
    return (
      <Empty icon={<IconSparkles size={22} />} title="Nothing has been predicted yet">
        The predict pipeline predicts the rows of new good files by its schedule.{' '}
        <Link to="/predict">Make a first one yourself</Link>.
      </Empty>
    );
  }
  return (
    <>
      <NumberFacts items={data.items} of={`Of the last ${data.items.length}`} />
      <RecordTable
        name="predictions"
        label="Last predictions"
        columns={COLUMNS}
        records={data.items.slice(0, SHOWN)}
        toKey={({ predictionId }) => predictionId}
      />
    </>
  );
}
