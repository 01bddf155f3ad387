import { Accordion, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import type { RunDetail, TaskRun } from '#api';
import { LoadMore } from '../../components/LoadMore.tsx';
import { StateBadge, stateLook } from '../../components/states.tsx';
import { SpanText, useNowMs } from '../../components/TimeText.tsx';
import { TaskRunDetail } from './TaskRunDetail.tsx';
import { toTimeBar } from './time-bar.ts';

/** Thousands of lines at once make a page unresponsive. */
const SHOWN_AT_ONCE = 100;

interface TaskRunListProps {
  readonly run: RunDetail;
  readonly selected: string | undefined;
  readonly onSelect: (goal: string | undefined) => void;
}

/** The task runs as text, with a bar that shows when each ran; opens to reasons, attempts and logs. */
export function TaskRunList({ run, selected, onSelect }: TaskRunListProps) {
  const [count, setCount] = useState(SHOWN_AT_ONCE);
  const shown = run.taskRuns.filter(({ goal }, index) => index < count || goal === selected);
  return (
    <>
      <Accordion
        value={selected ?? null}
        onChange={(goal) => onSelect(goal ?? undefined)}
        variant="default"
        chevronPosition="left"
        order={3}
      >
        {shown.map((taskRun) => (
          <Accordion.Item key={taskRun.goal} value={taskRun.goal}>
            <Accordion.Control>
              <TaskRunLine run={run} taskRun={taskRun} />
            </Accordion.Control>
            <Accordion.Panel>
              <TaskRunDetail taskRun={taskRun} taskRuns={run.taskRuns} onSelect={onSelect} />
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
      <LoadMore
        hasMore={count < run.taskRuns.length}
        isLoading={false}
        onLoad={() => setCount((before) => before + SHOWN_AT_ONCE)}
      />
    </>
  );
}

function TaskRunLine({ run, taskRun }: { readonly run: RunDetail; readonly taskRun: TaskRun }) {
  return (
    <Stack gap={7}>
      <Group justify="space-between" gap={6}>
        <Group gap="sm" style={{ minWidth: 0 }}>
          <Text fw={600} size="sm" className="break">
            {taskRun.task}
          </Text>
          <StateBadge state={taskRun.state} />
        </Group>
        <Text size="sm" c="dimmed" component="span">
          <SpanText startedAt={taskRun.startedAt} endedAt={taskRun.endedAt} />
        </Text>
      </Group>
      <TimeBar run={run} taskRun={taskRun} />
    </Stack>
  );
}

function TimeBar({ run, taskRun }: { readonly run: RunDetail; readonly taskRun: TaskRun }) {
  const bar = toTimeBar(taskRun, run, useNowMs());
  return (
    <div className="time-track" aria-hidden>
      {bar === undefined ? null : (
        <span
          style={{
            left: `min(${bar.left}%, calc(100% - 4px))`,
            width: `${bar.width}%`,
            background: `var(--tone-${stateLook(taskRun.state).tone}-solid)`,
          }}
        />
      )}
    </div>
  );
}
