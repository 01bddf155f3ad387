import { Accordion, Group, Stack, Text } from '@mantine/core';
import { useMemo, useState } from 'react';
import type { RunDetail, TaskRun } from '#api';
import { LoadMore } from '../../components/LoadMore.tsx';
import { StateBadge, stateLook } from '../../components/states.tsx';
import { SpanText, useNowMs } from '../../components/TimeText.tsx';
import { ToneBadge } from '../../components/ToneBadge.tsx';
import { toCountText } from '../../format.ts';
import { TaskRunDetail } from './TaskRunDetail.tsx';
import { byUrgency, type TaskGroup, toCountsText, toLabels } from './task-groups.ts';
import { toTimeBar } from './time-bar.ts';

/** Thousands of lines at once make a page unresponsive. */
const SHOWN_AT_ONCE = 100;

interface TaskRunListProps {
  readonly run: RunDetail;
  readonly groups: readonly TaskGroup[];
  /** Identity of a goal, or the name of a task. */
  readonly selected: string | undefined;
  readonly onSelect: (id: string | undefined) => void;
}

/**
 * The task runs as text, with a bar that shows when each ran; opens to reasons, outputs, attempts and logs. In a run of
 * many, the task runs of a task are one line, which opens to them.
 */
export function TaskRunList({ run, groups, selected, onSelect }: TaskRunListProps) {
  const open = groups.find(({ id, taskRuns }) => id === selected || taskRuns.some(({ goal }) => goal === selected));
  return (
    <Lines
      lines={groups}
      toId={({ id }) => id}
      order={3}
      openId={open?.id}
      onOpen={onSelect}
      renderLine={(group) => <GroupLine run={run} group={group} />}
      renderPanel={(group) => <GroupPanel run={run} group={group} selected={selected} onSelect={onSelect} />}
    />
  );
}

interface GroupPanelProps extends Omit<TaskRunListProps, 'groups'> {
  readonly group: TaskGroup;
}

function GroupPanel({ run, group, selected, onSelect }: GroupPanelProps) {
  const { task, taskRuns } = group;
  const labels = useMemo(() => toLabels(taskRuns), [taskRuns]);
  const sorted = useMemo(() => byUrgency(taskRuns), [taskRuns]);
  const [first] = taskRuns;
  const detail = (taskRun: TaskRun) => (
    <TaskRunDetail runId={run.id} taskRun={taskRun} taskRuns={run.taskRuns} onSelect={onSelect} />
  );
  if (first !== undefined && taskRuns.length === 1) return detail(first);
  return (
    <Lines
      lines={sorted}
      toId={({ goal }) => goal}
      order={4}
      openId={selected}
      // Closing one of them leaves the others listed.
      onOpen={(goal) => onSelect(goal ?? task)}
      renderLine={(taskRun) => <TaskRunLine run={run} taskRun={taskRun} label={labels.get(taskRun.goal) ?? ''} />}
      renderPanel={detail}
    />
  );
}

interface LinesProps<T> {
  readonly lines: readonly T[];
  readonly toId: (line: T) => string;
  readonly order: 3 | 4;
  readonly openId: string | undefined;
  readonly onOpen: (id: string | undefined) => void;
  readonly renderLine: (line: T) => React.ReactNode;
  readonly renderPanel: (line: T) => React.ReactNode;
}

/** Lines of which one may be open, some at a time. */
function Lines<T>({ lines, toId, order, openId, onOpen, renderLine, renderPanel }: LinesProps<T>) {
  const [count, setCount] = useState(SHOWN_AT_ONCE);
  const shown = lines.filter((line, index) => index < count || toId(line) === openId);
  return (
    <>
      <Accordion
        value={openId ?? null}
        onChange={(id) => onOpen(id ?? undefined)}
        variant="default"
        chevronPosition="left"
        order={order}
      >
        {shown.map((line) => (
          <Accordion.Item key={toId(line)} value={toId(line)}>
            <Accordion.Control>{renderLine(line)}</Accordion.Control>
            {/* The panels of hundreds of closed lines cost more than the page. */}
            <Accordion.Panel>{toId(line) === openId ? renderPanel(line) : null}</Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
      <LoadMore
        hasMore={count < lines.length}
        isLoading={false}
        onLoad={() => setCount((before) => before + SHOWN_AT_ONCE)}
      />
    </>
  );
}

function GroupLine({ run, group }: { readonly run: RunDetail; readonly group: TaskGroup }) {
  const { task, taskRuns, state, label } = group;
  const [first] = taskRuns;
  if (first !== undefined && taskRuns.length === 1) return <TaskRunLine run={run} taskRun={first} label={label} />;
  const { tone, icon } = stateLook(state);
  return (
    <Line
      title={`${task} · ${toCountText(taskRuns.length, 'task run')}`}
      badge={
        <ToneBadge tone={tone} icon={icon}>
          {toCountsText(taskRuns)}
        </ToneBadge>
      }
      run={run}
      span={group}
    />
  );
}

interface TaskRunLineProps {
  readonly run: RunDetail;
  readonly taskRun: TaskRun;
  readonly label: string;
}

function TaskRunLine({ run, taskRun, label }: TaskRunLineProps) {
  const title = label === '' ? taskRun.task : `${taskRun.task} · ${label}`;
  return <Line title={title} badge={<StateBadge state={taskRun.state} />} run={run} span={taskRun} />;
}

interface LineProps {
  readonly title: string;
  readonly badge: React.ReactNode;
  readonly run: RunDetail;
  readonly span: Pick<TaskRun, 'state' | 'startedAt' | 'endedAt'>;
}

function Line({ title, badge, run, span }: LineProps) {
  return (
    <Stack gap={7}>
      <Group justify="space-between" gap={6}>
        <Group gap="sm" style={{ minWidth: 0 }}>
          <Text fw={600} size="sm" className="break">
            {title}
          </Text>
          {badge}
        </Group>
        <Text size="sm" c="dimmed" component="span">
          <SpanText startedAt={span.startedAt} endedAt={span.endedAt} />
        </Text>
      </Group>
      <TimeBar run={run} span={span} />
    </Stack>
  );
}

function TimeBar({ run, span }: Pick<LineProps, 'run' | 'span'>) {
  const bar = toTimeBar(span, run, useNowMs());
  return (
    <div className="time-track" aria-hidden>
      {bar === undefined ? null : (
        <span
          style={{
            left: `min(${bar.left}%, calc(100% - 4px))`,
            width: `${bar.width}%`,
            background: `var(--tone-${stateLook(span.state).tone}-solid)`,
          }}
        />
      )}
    </div>
  );
}
