import { Button, Group, Stack, Text, Tooltip } from '@mantine/core';
import type { Worker } from '#api';
import type { RecordColumn } from '../../components/RecordTable.tsx';
import { RunLink } from '../../components/RunLink.tsx';
import { TimeText } from '../../components/TimeText.tsx';
import { ToneBadge } from '../../components/ToneBadge.tsx';
import { NOTHING, toNumberText } from '../../format.ts';
import { usePermission } from '../../session.ts';
import { workerLook } from './worker-words.ts';

/** What a worker does is listed up to here; the rest is a number. */
const LISTED_MAX = 4;
/** More slots than this are a number alone. */
const SQUARES_MAX = 16;

/** The columns of the list of workers, with a button that drains one. */
export function toWorkerColumns(onDrain: (worker: Worker) => void): readonly RecordColumn<Worker>[] {
  return [
    {
      key: 'state',
      title: 'State',
      value: (worker) => workerLook(worker).word,
      render: (worker) => <WorkerState worker={worker} />,
    },
    {
      key: 'name',
      title: 'Worker',
      value: ({ name, version, runtime }) => `${name} ${version} ${runtime}`,
      render: (worker) => <WorkerName worker={worker} />,
    },
    {
      key: 'labels',
      title: 'Labels',
      visibleFrom: 'sm',
      value: ({ labels }) => labels.join(' '),
      render: ({ labels }) => (
        <Group gap={4}>
          {labels.map((label) => (
            <ToneBadge key={label} tone="grey">
              {label}
            </ToneBadge>
          ))}
        </Group>
      ),
    },
    {
      key: 'slots',
      title: 'Busy slots',
      value: ({ running }) => running.length,
      render: (worker) => <Slots worker={worker} />,
    },
    {
      key: 'running',
      title: 'Runs now',
      visibleFrom: 'sm',
      value: ({ running }) => running.map(({ task, runId }) => `${task} ${runId}`).join(' '),
      render: ({ running }) => <Running running={running} />,
    },
    {
      key: 'ended',
      title: 'Ended here',
      align: 'right',
      visibleFrom: 'md',
      value: ({ ended }) => ended,
      render: ({ ended }) => <span className="tabular">{toNumberText(ended)}</span>,
    },
    {
      key: 'started',
      title: 'Started',
      align: 'right',
      visibleFrom: 'md',
      value: ({ startedAt }) => startedAt,
      render: ({ startedAt }) => <TimeText time={startedAt} />,
    },
    {
      key: 'drain',
      title: 'Drain',
      align: 'right',
      render: (worker) => <DrainButton worker={worker} onDrain={onDrain} />,
    },
  ];
}

function WorkerName({ worker: { name, version, runtime } }: { readonly worker: Worker }) {
  return (
    <>
      <Text size="sm" fw={600} className="break">
        {name}
      </Text>
      <Text size="xs" c="dimmed" className="break">
        Weir {version}, runtime <span className="mono">{runtime}</span>
      </Text>
    </>
  );
}

function WorkerState({ worker }: { readonly worker: Worker }) {
  const { tone, word, meaning } = workerLook(worker);
  const since = worker.state === 'draining' ? worker.drainingSince : worker.state === 'silent' ? worker.seenAt : null;
  return (
    <Stack gap={2} align="flex-start">
      <Tooltip label={meaning} multiline maw={280}>
        <div>
          <ToneBadge tone={tone}>{word}</ToneBadge>
        </div>
      </Tooltip>
      {since === null ? null : (
        <Text size="xs" c="dimmed" className="nowrap">
          {worker.state === 'silent' ? 'last seen ' : ''}
          <TimeText time={since} />
        </Text>
      )}
    </Stack>
  );
}

function Slots({ worker: { running, slots } }: { readonly worker: Worker }) {
  return (
    <Stack gap={4}>
      <span className="tabular nowrap">
        {toNumberText(running.length)} of {toNumberText(slots)}
      </span>
      {slots > SQUARES_MAX ? null : (
        <span className="slot-squares" aria-hidden>
          {Array.from({ length: slots }, (_, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a slot has nothing but its place.
            <span key={index} className="slot-square" data-busy={index < running.length} />
          ))}
        </span>
      )}
    </Stack>
  );
}

function Running({ running }: Pick<Worker, 'running'>) {
  if (running.length === 0) return <span>{NOTHING}</span>;
  const left = running.length - LISTED_MAX;
  return (
    <Stack gap={2}>
      {running.slice(0, LISTED_MAX).map(({ task, runId, goals, since }) => (
        <Text key={`${task} ${runId} ${since}`} size="sm" className="break">
          {task}
          {goals === 1 ? '' : `, ${toNumberText(goals)} goals`} of <RunLink runId={runId} />{' '}
          <Text span size="xs" c="dimmed" className="nowrap">
            <TimeText time={since} />
          </Text>
        </Text>
      ))}
      {left <= 0 ? null : (
        <Text size="xs" c="dimmed">
          and {toNumberText(left)} more
        </Text>
      )}
    </Stack>
  );
}

function DrainButton({ worker, onDrain }: { readonly worker: Worker; readonly onDrain: (worker: Worker) => void }) {
  const permission = usePermission('drainWorker');
  if (worker.state !== 'serving') return null;
  return (
    <Button
      size="compact-sm"
      variant="default"
      aria-label={`Drain ${worker.name}`}
      onClick={() => onDrain(worker)}
      {...permission}
    >
      Drain
    </Button>
  );
}
