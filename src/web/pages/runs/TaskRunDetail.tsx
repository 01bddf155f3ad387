import { Card, Group, Stack, Text } from '@mantine/core';
import type { Attempt, TaskRun } from '#api';
import { CopyTime } from '../../components/CopyTime.tsx';
import { FactList } from '../../components/FactList.tsx';
import { ShortId, ValueText } from '../../components/ShortId.tsx';
import { SpanText, TimeText } from '../../components/TimeText.tsx';
import { ToneBadge } from '../../components/ToneBadge.tsx';
import { NOTHING, toTitle } from '../../format.ts';
import { toShortIdentity } from '../../short-text.ts';
import type { Tone } from '../../tones.ts';
import { LogView } from './LogView.tsx';
import { TaskRunOutputs } from './TaskRunOutputs.tsx';
import { WhySection } from './WhySection.tsx';

const HAS_OUTPUTS: readonly TaskRun['state'][] = ['succeeded', 'cached'];

interface TaskRunDetailProps {
  readonly runId: string;
  readonly taskRun: TaskRun;
  readonly taskRuns: readonly TaskRun[];
  readonly onSelect: (goal: string) => void;
}

/** Why a task ran, its params and inputs, what it made, and each attempt. */
export function TaskRunDetail({ runId, taskRun, taskRuns, onSelect }: TaskRunDetailProps) {
  return (
    <Stack gap="md">
      {taskRun.reason === null ? null : (
        <Text size="sm" className="break">
          {taskRun.reason}
        </Text>
      )}
      <WhySection taskRun={taskRun} taskRuns={taskRuns} onSelect={onSelect} />
      <FactList
        facts={[
          { name: 'Needs', value: toNeedsText(taskRun, taskRuns) },
          { name: 'Started', value: <CopyTime time={taskRun.startedAt} fallback="not yet" /> },
          ...Object.entries(taskRun.params).map(([name, value]) => ({
            name: toTitle(name),
            value: <ValueText value={value} />,
          })),
          { name: 'Key', value: taskRun.key === null ? NOTHING : <ShortId value={taskRun.key} /> },
        ]}
      />
      {HAS_OUTPUTS.includes(taskRun.state) ? <TaskRunOutputs runId={runId} taskRun={taskRun} /> : null}
      {taskRun.attempts.length === 0 ? (
        <Text size="sm" c="dimmed">
          {taskRun.state === 'cached' ? 'The artifact existed already, so nothing had to run.' : 'No attempt was made.'}
        </Text>
      ) : (
        taskRun.attempts.map((attempt) => <AttemptCard key={attempt.number} attempt={attempt} />)
      )}
    </Stack>
  );
}

/** How many of the needs are named. */
const NEEDS_NAMED_MAX = 10;

function toNeedsText({ needs }: TaskRun, taskRuns: readonly TaskRun[]): string {
  if (needs.length === 0) return 'nothing';
  const shown = needs
    .slice(0, NEEDS_NAMED_MAX)
    .map((need) => taskRuns.find(({ goal }) => goal === need)?.task ?? toShortIdentity(need));
  const more = needs.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

const OUTCOME_TONES: Readonly<Record<NonNullable<Attempt['outcome']>, Tone>> = {
  succeeded: 'green',
  failed: 'red',
  cancelled: 'orange',
  skipped: 'grey',
  lost: 'red',
  parked: 'grey',
};

function AttemptCard({ attempt }: { readonly attempt: Attempt }) {
  const tone = attempt.outcome === null ? 'blue' : OUTCOME_TONES[attempt.outcome];
  return (
    <Card padding="sm">
      <Stack gap="sm">
        <Group gap="sm">
          <Text size="sm" fw={600}>
            Attempt {attempt.number}
          </Text>
          <ToneBadge tone={tone}>{toTitle(attempt.outcome ?? 'running')}</ToneBadge>
          <Text size="sm" c="dimmed" component="span">
            <TimeText time={attempt.startedAt} isAbsolute />
            {' · '}
            <SpanText startedAt={attempt.startedAt} endedAt={attempt.endedAt} />
          </Text>
        </Group>
        {attempt.error === null ? null : (
          <Text size="sm" className="break" c="var(--tone-red-text)">
            <Text span fw={600} size="sm">
              {attempt.error.name}
            </Text>{' '}
            ({attempt.error.class}): {attempt.error.message}
          </Text>
        )}
        {attempt.log === null || attempt.log === '' ? (
          <Text size="xs" c="dimmed">
            It wrote no log.
          </Text>
        ) : (
          <LogView label={`Log of attempt ${attempt.number}`} log={attempt.log} />
        )}
      </Stack>
    </Card>
  );
}
