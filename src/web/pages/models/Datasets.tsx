import { Anchor, Stack, Text } from '@mantine/core';
import { IconTable } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type DatasetVersion, datasetRowsPath } from '#api';
import { Empty, Failed, LoadingRows } from '../../components/Notice.tsx';
import { type RecordColumn, RecordTable } from '../../components/RecordTable.tsx';
import { Section } from '../../components/Section.tsx';
import { TimeText } from '../../components/TimeText.tsx';
import { toCountText, toNumberText } from '../../format.ts';
import { datasetsQuery } from '../../queries.ts';

/** Versions of the dataset: how many rows, which are new, where they come from. */
export function Datasets() {
  const { data, error, refetch } = useQuery(datasetsQuery);
  return (
    <Section title="Datasets">
      {data === undefined ? (
        error === null ? (
          <LoadingRows rows={3} />
        ) : (
          <Failed what="The datasets" error={error} onRetry={() => void refetch()} />
        )
      ) : data.versions.length === 0 ? (
        <Empty icon={<IconTable size={22} />} title="No dataset yet">
          Each training collects its rows into a version, which is listed here.
        </Empty>
      ) : (
        <RecordTable
          name="datasets"
          label="Dataset versions"
          columns={COLUMNS}
          records={data.versions}
          toKey={({ version }) => String(version)}
        />
      )}
    </Section>
  );
}

const COLUMNS: readonly RecordColumn<DatasetVersion>[] = [
  {
    key: 'version',
    title: 'Version',
    value: ({ version }) => version,
    render: ({ version, trained }) => (
      <Stack gap={0}>
        <Text size="sm" fw={600} className="nowrap">
          Dataset {version}
        </Text>
        <Text size="xs" c="dimmed" className="nowrap">
          {trained.length === 0 ? 'no model' : `model ${trained.map((each) => `@${each}`).join(', ')}`}
        </Text>
      </Stack>
    ),
  },
  {
    key: 'rows',
    title: 'Rows',
    value: ({ rows }) => rows,
    align: 'right',
    render: ({ rows }) => <span className="tabular">{toNumberText(rows)}</span>,
  },
  {
    key: 'changes',
    title: 'Against the version before',
    value: ({ added, removed, changed }) => added + removed + changed,
    render: (dataset) => <span className="nowrap">{toChanges(dataset)}</span>,
  },
  {
    key: 'unlabelled',
    title: 'Wait for a label',
    value: ({ unlabelled }) => unlabelled,
    align: 'right',
    visibleFrom: 'sm',
    render: ({ unlabelled }) => <span className="tabular">{toNumberText(unlabelled)}</span>,
  },
  {
    key: 'parts',
    title: 'From',
    value: ({ parts }) => parts.map(({ description }) => description).join(', '),
    visibleFrom: 'md',
    render: ({ parts }) => (
      <Stack gap={0}>
        {parts.map((part, index) => (
          // The list of one version never changes.
          // biome-ignore lint/suspicious/noArrayIndexKey: two sources may have one description.
          <Text key={index} size="xs" className="break">
            {part.description}: {toCountText(part.rows, 'row')}
          </Text>
        ))}
      </Stack>
    ),
  },
  {
    key: 'file',
    title: 'File',
    align: 'right',
    render: ({ version }) => (
      <Anchor size="sm" href={datasetRowsPath(version)} download>
        CSV
      </Anchor>
    ),
  },
  {
    key: 'created',
    title: 'Collected',
    align: 'right',
    value: ({ createdAt }) => createdAt,
    render: ({ createdAt }) => <TimeText time={createdAt} />,
  },
];

function toChanges({ added, removed, changed }: DatasetVersion): string {
  const changes = [
    [added, 'new'],
    [removed, 'gone'],
    [changed, 'changed'],
  ] as const;
  return changes
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${toNumberText(count)} ${word}`)
    .join(', ');
}
