import { Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { DriftWindowDetail } from '#api';
import { FileName } from '../../components/FileName.tsx';
import { type RecordColumn, RecordTable } from '../../components/RecordTable.tsx';
import { Section } from '../../components/Section.tsx';
import { toNumberText } from '../../format.ts';
import { daysOf } from './words.ts';

type WindowFile = DriftWindowDetail['files'][number];

const COLUMNS: readonly RecordColumn<WindowFile>[] = [
  {
    key: 'file',
    title: 'File',
    value: ({ file }) => file,
    render: ({ check, file }) =>
      file === null ? (
        <Text size="sm" c="dimmed">
          removed by the cleanup since
        </Text>
      ) : (
        <Link to="/data" search={{ check }} className="row-link">
          <FileName name={file} />
        </Link>
      ),
  },
  {
    key: 'rows',
    title: 'Rows in the window',
    align: 'right',
    value: ({ rows }) => rows,
    render: ({ rows }) => <span className="tabular">{toNumberText(rows)}</span>,
  },
];

/** Where the rows of a window come from: files, or predictions. */
export function WindowRows({ window }: { readonly window: DriftWindowDetail }) {
  const { files, fileCount, stream } = window;
  if (stream === 'predictions') {
    return (
      <Link to="/past-predictions" search={daysOf(window)} className="text-link">
        Show the predictions of these days
      </Link>
    );
  }
  if (files.length === 0) return null;
  return (
    <Section
      title="Files of this window"
      aside={
        files.length < fileCount ? (
          <Text size="xs" c="dimmed">
            the first {files.length} of {toNumberText(fileCount)}
          </Text>
        ) : null
      }
    >
      <RecordTable
        name="files"
        label="Files of the window"
        columns={COLUMNS}
        records={files}
        toKey={({ check }) => check}
        step={10}
      />
    </Section>
  );
}
