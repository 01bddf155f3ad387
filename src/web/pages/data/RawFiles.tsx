import { Anchor, Button, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconPlayerPlay } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { WaitingFile } from '#api';
import { call } from '../../client.ts';
import { FileDrop } from '../../components/FileDrop.tsx';
import { FileName } from '../../components/FileName.tsx';
import { FormatNote } from '../../components/FormatNote.tsx';
import { Failed } from '../../components/Notice.tsx';
import { type RecordColumn, RecordTable } from '../../components/RecordTable.tsx';
import { Section } from '../../components/Section.tsx';
import { TimeText } from '../../components/TimeText.tsx';
import { toBytesText, toCountText } from '../../format.ts';
import { contractQuery, filesQuery } from '../../queries.ts';
import { usePermission } from '../../session.ts';
import { useStart } from '../runs/StartButton.tsx';

/** Takes a file into raw-data, shows what waits there, and ingests the one that is chosen. */
export function RawFiles() {
  const { data, error, refetch } = useQuery(filesQuery);
  const format = useQuery(contractQuery).data?.format;
  const upload = useUpload();
  const permission = usePermission('receiveFile');
  return (
    <Section title="Files in raw-data">
      <Stack gap="md" px="md" pb="md">
        <FileDrop
          label="File for raw-data"
          title="Drop a file here to put it into raw-data"
          isBusy={upload.isPending}
          permission={permission}
          onFile={(file) => upload.mutate(file)}
          note={<FormatNote format={format} />}
        >
          CSV, Parquet, NDJSON or an array in JSON; CSV and JSON also compressed, as gz, zst, bz2 or a zip of one file.
          It replaces no other file. The ingest pipeline takes one file at each of its runs; you can choose which one is
          next.
        </FileDrop>
        {error !== null && data === undefined ? (
          <Failed what="The files in raw-data" error={error} onRetry={() => void refetch()} />
        ) : null}
        {data === undefined || data.items.length === 0 ? null : (
          <RecordTable
            name="waiting"
            label="Files in raw-data"
            columns={COLUMNS}
            records={data.items}
            toKey={({ file }) => file}
          />
        )}
        {data === undefined || data.count <= data.items.length ? null : (
          <Text size="sm" c="dimmed">
            The newest {data.items.length} of {toCountText(data.count, 'file')}.
          </Text>
        )}
      </Stack>
    </Section>
  );
}

const COLUMNS: readonly RecordColumn<WaitingFile>[] = [
  { key: 'file', title: 'File', value: ({ file }) => file, render: ({ file }) => <FileName name={file} /> },
  {
    key: 'size',
    title: 'Size',
    value: ({ sizeBytes }) => sizeBytes,
    align: 'right',
    visibleFrom: 'sm',
    render: ({ sizeBytes }) => <span className="nowrap tabular">{toBytesText(sizeBytes)}</span>,
  },
  {
    key: 'changed',
    title: 'Changed',
    value: ({ changedAt }) => changedAt,
    align: 'right',
    visibleFrom: 'sm',
    render: ({ changedAt }) => <TimeText time={changedAt} />,
  },
  { key: 'ingest', title: 'Ingest', align: 'right', render: (file) => <IngestCell {...file} /> },
];

function IngestCell({ file, runId }: WaitingFile) {
  const start = useStart('ingest', { file });
  const permission = usePermission('startRun');
  if (runId !== null) {
    return (
      <Anchor
        size="sm"
        className="nowrap"
        renderRoot={(props) => <Link to="/runs/$id" params={{ id: runId }} {...props} />}
      >
        In run {runId}
      </Anchor>
    );
  }
  return (
    <Button
      size="compact-sm"
      variant="default"
      leftSection={<IconPlayerPlay size={14} />}
      aria-label={`Ingest now: ${file}`}
      loading={start.isPending}
      onClick={() => start.mutate()}
      {...permission}
    >
      Ingest now
    </Button>
  );
}

function useUpload() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (file: File) => call('receiveFile', { query: { name: file.name }, body: file }),
    onSuccess: ({ file, wanted }) => {
      const message =
        file === wanted
          ? `${file} is in raw-data.`
          : `There is a file named ${wanted} already, so it is named ${file}.`;
      notifications.show({ title: 'The file was taken', message });
    },
    onError: (error, { name }) =>
      notifications.show({ color: 'red', title: `${name} was not taken`, message: error.message }),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['files'] }),
  });
}
