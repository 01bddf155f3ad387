import { Button, Card, Divider, Grid, Group, SimpleGrid, Stack } from '@mantine/core';
import { IconArrowRight, IconSparkles, IconWand } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useRef, useState } from 'react';
import {
  type ContractAnswer,
  type ContractColumn,
  isStoredPrediction,
  type MadePrediction,
  type StoredPrediction,
  toExampleRow,
} from '#api';
import { call, RequestError } from '../../client.ts';
import { featuresOf, identitiesOf } from '../../columns.ts';
import { Failed } from '../../components/Notice.tsx';
import { PredictionTable } from '../../components/PredictionTable.tsx';
import { Section } from '../../components/Section.tsx';
import { type ContractRules, convertForm, convertRow, type RowValues } from '../../csv/convert.ts';
import { own } from '../../own.ts';
import { usePermission } from '../../session.ts';
import { SnippetsButton } from '../../snippets/SnippetsButton.tsx';
import { Answer } from './Answer.tsx';
import { FeatureField } from './FeatureField.tsx';
import { type Options, PredictOptions, toHeaders, toQuery, USUAL } from './PredictOptions.tsx';
import { randomKey } from './send.ts';

/** How many of the rows predicted here are shown. */
const HISTORY_MAX = 20;
type Texts = Readonly<Record<string, string>>;

/** The form for one row, its answer, and earlier predictions below. */
export function RowTab({ contract }: { readonly contract: ContractAnswer }) {
  const [history, setHistory] = useState<readonly StoredPrediction[]>([]);
  const [latest, setLatest] = useState<MadePrediction>();
  return (
    <Stack gap="lg">
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <RowForm
            features={featuresOf(contract.columns)}
            identities={identitiesOf(contract.columns)}
            rules={contract.rules ?? []}
            onPredicted={(items) => {
              setLatest(items[0]);
              setHistory((before) => [...items.filter(isStoredPrediction), ...before].slice(0, HISTORY_MAX));
            }}
          />
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }}>
          <Answer item={latest} contract={contract} />
        </Grid.Col>
      </Grid>
      {history.length === 0 ? null : (
        <Section
          title="Predicted here"
          aside={
            <Link to="/past-predictions" search={{ source: 'webapp' }} className="text-link">
              All from the web app <IconArrowRight size={14} />
            </Link>
          }
        >
          <PredictionTable label="Predicted here" items={history} columns={contract.columns} />
        </Section>
      )}
    </Stack>
  );
}

interface RowFormProps {
  readonly features: readonly ContractColumn[];
  /** The columns that say which row it is. */
  readonly identities: readonly ContractColumn[];
  readonly rules: ContractRules;
  readonly onPredicted: (items: readonly MadePrediction[]) => void;
}

function RowForm({ features, identities, rules, onPredicted }: RowFormProps) {
  const columns = [...features, ...identities];
  const [texts, setTexts] = useState<Texts>({});
  const [errors, setErrors] = useState<Texts>({});
  const [options, setOptions] = useState(USUAL);
  const queries = useQueryClient();
  // The same row sent again without an answer is the same request, which is stored once.
  const unanswered = useRef<{ readonly row: string; readonly key: string } | undefined>(undefined);
  const predict = useMutation({
    mutationFn: (values: RowValues) => {
      const row = JSON.stringify([values, options]);
      if (unanswered.current?.row !== row) unanswered.current = { row, key: randomKey() };
      return predictRow(values, { key: unanswered.current.key, options });
    },
    onSuccess: (answer) => {
      unanswered.current = undefined;
      onPredicted(answer.predictions);
      void queries.invalidateQueries({ queryKey: ['past-predictions'] });
    },
    onError: (error) => setErrors(toFieldErrors(error)),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { sent, problems } = convertForm(texts, { columns, rules });
    setErrors(toErrors(problems));
    if (problems.length === 0) predict.mutate(sent);
  };
  const change = (name: string, value: string) => {
    setTexts((before) => ({ ...before, [name]: value }));
    setErrors(({ [name]: _corrected, ...others }) => others);
  };
  const fields = { texts, errors, onChange: change };
  const isShownAtFields = Object.keys(toFieldErrors(predict.error)).some((field) =>
    columns.some(({ name }) => name === field),
  );
  return (
    <Card component="form" noValidate onSubmit={submit} padding="lg">
      <Stack gap="lg">
        <Fields columns={features} {...fields} />
        {identities.length === 0 ? null : (
          <>
            <Divider label="Which row is it? (optional)" labelPosition="left" />
            <Fields columns={identities} {...fields} />
          </>
        )}
        {predict.error === null || isShownAtFields ? null : (
          <Failed what="The prediction" verb="failed" error={predict.error} />
        )}
        <PredictOptions options={options} onChange={setOptions} />
        <Actions
          isPending={predict.isPending}
          options={options}
          toBody={() => toSnippetRow(texts, columns)}
          onExample={() => {
            setTexts((before) => ({ ...before, ...toExampleTexts(features) }));
            setErrors({});
          }}
        />
      </Stack>
    </Card>
  );
}

interface ActionsProps {
  readonly isPending: boolean;
  readonly options: Options;
  readonly toBody: () => RowValues;
  readonly onExample: () => void;
}

function Actions({ isPending, options, toBody, onExample }: ActionsProps) {
  const permission = usePermission('predict');
  return (
    <Group justify="space-between">
      <Button type="submit" loading={isPending} leftSection={<IconSparkles size={16} />} {...permission}>
        Predict
      </Button>
      <Group gap="xs">
        <SnippetsButton label="Code for this row" query={toQuery(options)} toBody={toBody} />
        <Button variant="subtle" leftSection={<IconWand size={16} />} onClick={onExample}>
          Fill in an example
        </Button>
      </Group>
    </Group>
  );
}

/** What is filled in; an example while nothing is. */
function toSnippetRow(texts: Texts, columns: readonly ContractColumn[]): RowValues {
  const isEmpty = Object.values(texts).every((text) => text === '');
  return isEmpty ? toExampleRow(columns) : convertRow(texts, columns).sent;
}

function toExampleTexts(columns: readonly ContractColumn[]): Texts {
  return Object.fromEntries(Object.entries(toExampleRow(columns)).map(([name, value]) => [name, String(value ?? '')]));
}

interface FieldsProps {
  readonly columns: readonly ContractColumn[];
  readonly texts: Texts;
  readonly errors: Texts;
  readonly onChange: (name: string, value: string) => void;
}

function Fields({ columns, texts, errors, onChange }: FieldsProps) {
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md" verticalSpacing="md">
      {columns.map((column) => (
        <FeatureField
          key={column.name}
          column={column}
          value={own(texts, column.name) ?? ''}
          error={own(errors, column.name)}
          onChange={(value) => onChange(column.name, value)}
        />
      ))}
    </SimpleGrid>
  );
}

function predictRow(values: RowValues, { key, options }: { readonly key: string; readonly options: Options }) {
  return call('predict', {
    query: toQuery(options),
    headers: toHeaders(options, key),
    body: values,
  });
}

function toErrors(problems: readonly { field: string; expected: string; got: string }[]): Texts {
  return Object.fromEntries(problems.map(({ field, expected, got }) => [field, `Expected ${expected}, got ${got}`]));
}

function toFieldErrors(error: unknown): Texts {
  return error instanceof RequestError ? toErrors(error.body.problems ?? []) : {};
}
