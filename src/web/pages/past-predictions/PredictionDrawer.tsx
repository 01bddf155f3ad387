import { Box, Button, Drawer, Group, Stack, Text, Title } from '@mantine/core';
import { IconScale } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import type { ContractColumn, PastPrediction } from '#api';
import { call } from '../../client.ts';
import { changesIn } from '../../coerced.ts';
import { CoercedNote } from '../../components/CoercedNote.tsx';
import { ExplanationBars } from '../../components/ExplanationBars.tsx';
import { FactList } from '../../components/FactList.tsx';
import { Failed, LoadingRows } from '../../components/Notice.tsx';
import { ProbabilityBars } from '../../components/ProbabilityBars.tsx';
import { ToneBadge } from '../../components/ToneBadge.tsx';
import { featureNames } from '../../csv/predictions.ts';
import { toFeatureText, toLabelText, toShareText, toStatisticText } from '../../format.ts';
import { useLabelColumn } from '../../label-column.ts';
import { own } from '../../own.ts';
import { modelsQuery, pastPredictionQuery } from '../../queries.ts';
import { usePermission } from '../../session.ts';
import { Outcome } from './Outcome.tsx';
import { toOriginFacts } from './origin-facts.tsx';

interface PredictionDrawerProps {
  readonly id: string | undefined;
  readonly columns: readonly ContractColumn[];
  readonly onClose: () => void;
}

/** Everything that is known of one prediction. */
export function PredictionDrawer({ id, columns, onClose }: PredictionDrawerProps) {
  return (
    <Drawer.Root opened={id !== undefined} onClose={onClose} position="right" size={620}>
      <Drawer.Overlay />
      <Drawer.Content>
        <Drawer.Body pt="sm">
          {/* Not Drawer.Header: it renders a second banner landmark. */}
          <Group justify="space-between" mb="sm">
            <Drawer.Title>Prediction</Drawer.Title>
            <Drawer.CloseButton aria-label="Close" />
          </Group>
          {id === undefined ? null : <Prediction key={id} id={id} columns={columns} />}
        </Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}

interface PredictionProps {
  readonly id: string;
  readonly columns: readonly ContractColumn[];
}

function Prediction({ id, columns }: PredictionProps) {
  const { data, error, refetch } = useQuery(pastPredictionQuery(id));
  if (data === undefined)
    return error === null ? (
      <LoadingRows rows={8} />
    ) : (
      <Failed what="The prediction" error={error} onRetry={() => void refetch()} />
    );
  return (
    <Stack gap="lg">
      <Headline item={data} />
      {data.probabilities === undefined ? null : (
        <Part title="Probabilities">
          <ProbabilityBars probabilities={data.probabilities} predicted={data.prediction} />
        </Part>
      )}
      <Part title="Outcome">
        <Outcome item={data} />
      </Part>
      <Part title="Features">
        <Features item={data} columns={columns} />
        {data.coerced === undefined ? null : (
          <Box mt="sm">
            <CoercedNote changes={changesIn(data.coerced, { columns, isOneRow: true })} />
          </Box>
        )}
      </Part>
      <Part title="Explanation">
        <Explanation item={data} columns={columns} />
      </Part>
      <Part title="Where it came from">
        <Origin item={data} columns={columns} />
      </Part>
    </Stack>
  );
}

function Part({ title, children }: { readonly title: string; readonly children: React.ReactNode }) {
  return (
    <section aria-label={title}>
      <Title order={3} fz={14} mb={8}>
        {title}
      </Title>
      {children}
    </section>
  );
}

function Headline({ item }: { readonly item: PastPrediction }) {
  const label = useLabelColumn();
  const { prediction, probability, isCorrect, error, actual } = item;
  return (
    <div>
      <Text size="sm" c="dimmed" fw={500}>
        {label?.label ?? 'Prediction'}
      </Text>
      <Group gap="sm" align="center">
        <Text fz={32} fw={680} lh={1.2} className="break" style={{ letterSpacing: '-0.02em' }}>
          {toLabelText(prediction, label)}
        </Text>
        {probability === undefined ? null : (
          <Text size="lg" c="dimmed" className="tabular">
            {toShareText(probability)}
          </Text>
        )}
        {isCorrect === undefined ? null : (
          <ToneBadge tone={isCorrect ? 'green' : 'red'}>{isCorrect ? 'correct' : 'wrong'}</ToneBadge>
        )}
        {error === undefined ? null : (
          <ToneBadge tone="grey">{`${error > 0 ? '+' : ''}${toStatisticText(error, label)}`}</ToneBadge>
        )}
        {actual === undefined ? <ToneBadge tone="grey">no outcome yet</ToneBadge> : null}
      </Group>
    </div>
  );
}

interface OfItem {
  readonly item: PastPrediction;
  readonly columns: readonly ContractColumn[];
}

function Features({ item, columns }: OfItem) {
  return (
    <FactList
      facts={featureNames(columns, [item]).map((name) => {
        const column = columns.find((each) => each.name === name);
        const value = own(item.features, name);
        const unit = column?.unit === undefined || value === null || value === undefined ? '' : ` ${column.unit}`;
        return { name: column?.label ?? name, value: `${toFeatureText(value, column)}${unit}` };
      })}
    />
  );
}

/** With the run that trained the version, where that is known. */
function Origin({ item, columns }: OfItem) {
  const versions = useQuery(modelsQuery).data?.versions ?? [];
  const found = versions.find(({ model, version }) => `${model}@${version}` === item.modelVersion);
  return <FactList facts={toOriginFacts(item, { columns, trainedBy: found?.runId ?? null })} />;
}

/** Computed on request by the version that predicted it: it is not stored with the prediction. */
function Explanation({ item, columns }: OfItem) {
  const permission = usePermission('predict');
  const explain = useMutation({
    mutationFn: () =>
      call('predict', {
        query: { version: item.modelVersion, store: 'false', explain: 'true' },
        headers: { 'x-weir-source': 'webapp' },
        body: item.features,
      }),
  });
  const explanation = explain.data?.predictions[0]?.explanation;
  if (explanation !== undefined)
    return <ExplanationBars explanation={explanation} features={item.features} columns={columns} />;
  return (
    <Stack gap="sm" align="flex-start">
      {explain.error === null ? null : (
        <Failed what="The prediction" verb="cannot be explained" error={explain.error} />
      )}
      <Group gap="sm">
        <Button
          size="xs"
          variant="default"
          leftSection={<IconScale size={14} />}
          loading={explain.isPending}
          onClick={() => explain.mutate()}
          {...permission}
        >
          Explain
        </Button>
        <Text size="sm" c="dimmed">
          What each feature added, by {item.modelVersion}. Nothing is stored.
        </Text>
      </Group>
    </Stack>
  );
}
