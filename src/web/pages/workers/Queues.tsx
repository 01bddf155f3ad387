import { Text } from '@mantine/core';
import type { WorkerQueue } from '#api';
import { type RecordColumn, RecordTable } from '../../components/RecordTable.tsx';
import { Section } from '../../components/Section.tsx';
import { NOTHING, toNumberText } from '../../format.ts';

/** What waits for workers, by label. */
export function Queues({ queues }: { readonly queues: readonly WorkerQueue[] }) {
  return (
    <Section title="Queues">
      <RecordTable
        name="queues"
        label="Queues of workers"
        columns={COLUMNS}
        records={queues}
        toKey={({ label, runtime }) => `${label} ${runtime}`}
      />
    </Section>
  );
}

const COLUMNS: readonly RecordColumn<WorkerQueue>[] = [
  {
    key: 'label',
    title: 'Label',
    value: ({ label }) => label,
    render: ({ label }) => (
      <Text size="sm" fw={600} className="break">
        {label}
      </Text>
    ),
  },
  {
    key: 'runtime',
    title: 'Runtime',
    visibleFrom: 'sm',
    value: ({ runtime }) => runtime,
    render: ({ runtime }) => <span className="mono">{runtime}</span>,
  },
  {
    key: 'waiting',
    title: 'Waiting',
    align: 'right',
    value: ({ waiting }) => waiting,
    render: ({ waiting }) => <span className="tabular">{waiting === null ? NOTHING : toNumberText(waiting)}</span>,
  },
  {
    key: 'workers',
    title: 'Workers',
    align: 'right',
    value: ({ workers }) => workers,
    render: ({ workers }) => <span className="tabular">{toNumberText(workers)}</span>,
  },
];
