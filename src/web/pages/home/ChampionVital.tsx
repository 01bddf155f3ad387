import { useQuery } from '@tanstack/react-query';
import type { ModelVersion, Run } from '#api';
import { MetricText } from '../../components/MetricText.tsx';
import { TimeText } from '../../components/TimeText.tsx';
import { inUsualOrder, toMetricTitle } from '../../metrics.ts';
import { latestRunsQuery, modelsQuery } from '../../queries.ts';
import { Vital, VitalSkeleton } from './Vital.tsx';

const REASON_SHOWN = 140;

/** The version that serves, and whether the last training failed. */
export function ChampionVital() {
  const { data, error } = useQuery(modelsQuery);
  const trainings = useQuery(latestRunsQuery({ pipeline: 'train', limit: 1 })).data?.items;
  if (error !== null) return <Vital name="Champion" tone="grey" value="Unknown" detail={error.message} to="/models" />;
  if (data === undefined) return <VitalSkeleton />;
  const champion = data.versions.find(({ aliases }) => aliases.includes('champion'));
  const [training] = trainings ?? [];
  if (champion === undefined) return <NoChampion training={training} />;
  const isFailed = training?.state === 'failed';
  return (
    <Vital
      name="Champion"
      tone={isFailed ? 'orange' : 'green'}
      value={`${champion.model}@${champion.version}`}
      detail={isFailed ? `The last training failed: ${shortReason(training)}` : <MetricLine champion={champion} />}
      {...(isFailed ? { to: '/runs/$id', params: { id: training.id } } : { to: '/models' })}
    />
  );
}

function NoChampion({ training }: { readonly training: Run | undefined }) {
  if (training?.state === 'failed')
    return (
      <Vital
        name="Champion"
        tone="red"
        value="Training failed"
        detail={shortReason(training)}
        to="/runs/$id"
        params={{ id: training.id }}
      />
    );
  const isTraining = training?.state === 'running' || training?.state === 'queued';
  return (
    <Vital
      name="Champion"
      tone={isTraining ? 'blue' : 'grey'}
      value={isTraining ? 'Training' : 'None yet'}
      detail={isTraining ? 'The first model is being trained' : 'The first training run makes one'}
      to="/models"
    />
  );
}

function shortReason({ reason }: Run): string {
  const text = reason ?? 'its run says why';
  return text.length > REASON_SHOWN ? `${text.slice(0, REASON_SHOWN)}…` : text;
}

function MetricLine({ champion }: { readonly champion: ModelVersion }) {
  const [first] = inUsualOrder(Object.keys(champion.metrics));
  return (
    <>
      {first === undefined ? null : (
        <>
          {toMetricTitle(first)} <MetricText name={first} metric={champion.metrics[first]} />,{' '}
        </>
      )}
      made <TimeText time={champion.createdAt} />
    </>
  );
}
