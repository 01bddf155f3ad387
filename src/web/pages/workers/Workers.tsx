import { Code } from '@mantine/core';
import { IconServer2 } from '@tabler/icons-react';
import { useState } from 'react';
import type { Worker } from '#api';
import { Empty } from '../../components/Notice.tsx';
import { RecordTable } from '../../components/RecordTable.tsx';
import { Section } from '../../components/Section.tsx';
import { DrainDialog } from './DrainDialog.tsx';
import { toWorkerColumns } from './worker-columns.tsx';

/** Workers with what each does; an operator drains one here. */
export function Workers({ workers }: { readonly workers: readonly Worker[] }) {
  const [draining, setDraining] = useState<Worker>();
  return (
    <Section title="Workers">
      {workers.length === 0 ? (
        <Empty icon={<IconServer2 size={22} />} title="No worker">
          Goals run in the processes of <Code>weir serve</Code>. To run them on any number of machines, set{' '}
          <Code>engine.executor: remote</Code> and start <Code>weir worker</Code> there.
        </Empty>
      ) : (
        <RecordTable
          name="workers"
          label="Workers"
          columns={toWorkerColumns(setDraining)}
          records={workers}
          toKey={({ id }) => id}
          minWidth={560}
        />
      )}
      {draining === undefined ? null : <DrainDialog worker={draining} onClose={() => setDraining(undefined)} />}
    </Section>
  );
}
