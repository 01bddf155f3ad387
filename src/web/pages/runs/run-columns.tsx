import { Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Run } from '#api';
import type { RecordColumn } from '../../components/RecordTable.tsx';
import { StateBadge } from '../../components/states.tsx';
import { TimeBelow } from '../../components/TimeBelow.tsx';
import { SpanText, TimeText } from '../../components/TimeText.tsx';
import { toCellText, toTitle } from '../../format.ts';
import { withShortDigests } from '../../short-text.ts';

/** The columns of a list of runs. */
export const RUN_COLUMNS: readonly RecordColumn<Run>[] = [
  { key: 'state', order: 'state', title: 'State', width: 130, render: (run) => <StateBadge state={run.state} /> },
  {
    key: 'pipeline',
    order: 'pipeline',
    title: 'Pipeline',
    render: (run) => (
      <Stack gap={0}>
        <Link to="/runs/$id" params={{ id: run.id }} className="row-link" onClick={(event) => event.stopPropagation()}>
          {run.pipeline}
        </Link>
        <TimeBelow time={run.createdAt} />
        <Text size="xs" c="dimmed" hiddenFrom="md" className="break" lineClamp={2}>
          {toAbout(run)}
        </Text>
      </Stack>
    ),
  },
  { key: 'reason', title: 'About', visibleFrom: 'md', render: (run) => <Reason run={run} /> },
  {
    key: 'trigger',
    order: 'trigger',
    title: 'Started by',
    visibleFrom: 'sm',
    render: (run) => toTitle(run.trigger),
  },
  {
    key: 'took',
    order: 'took',
    title: 'Took',
    align: 'right',
    visibleFrom: 'sm',
    render: (run) => <SpanText startedAt={run.startedAt} endedAt={run.endedAt} />,
  },
  {
    key: 'created',
    order: 'created',
    title: 'When',
    align: 'right',
    visibleFrom: 'sm',
    render: (run) => <TimeText time={run.createdAt} />,
  },
];

function Reason({ run }: { readonly run: Run }) {
  return (
    <Text size="sm" c="dimmed" lineClamp={1} className="break">
      {toAbout(run)}
    </Text>
  );
}

/** The reason of its end; its request when there is none. */
function toAbout(run: Run): string {
  if (run.reason !== null) return run.reason;
  const asked = Object.entries(run.params).map(([name, value]) => `${name} ${toCellText(value)}`);
  return withShortDigests(asked.join(' · '));
}
