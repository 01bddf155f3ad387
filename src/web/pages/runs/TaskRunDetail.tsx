import { Card, Group, Stack, Text } from '@mantine/core';
import type { Attempt, TaskRun } from '#api';
import { FactList } from '../../components/FactList.tsx';
import { SpanText, TimeText } from '../../components/TimeText.tsx';
import { ToneBadge } from '../../components/ToneBadge.tsx';
import { NOTHING, toCellText, toTitle } from '../../format.ts';
import type { Tone } from '../../tones.ts';
import { WhySection } from './WhySection.tsx';

interface TaskRunDetailProps {
  readonly taskRun: TaskRun;
  readonly taskRuns: readonly TaskRun[];
  readonly onSelect: (goal: string) => void;
}

/** Why a task ran, its params and inputs, and each attempt. */
export function TaskRunDetail({ taskRun, taskRuns, onSelect }: TaskRunDetailProps) {
  const needs = taskRun.needs.map((need) => taskRuns.find(({ goal }) => goal === need)?.task ?? need);
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
          { name: 'Needs', value: needs.length === 0 ? 'nothing' : needs.join(', ') },
          { name: 'Started', value: <TimeText time={taskRun.startedAt} isAbsolute fallback="not yet" /> },
          ...Object.entries(taskRun.params).map(([name, value]) => ({ name: toTitle(name), value: toCellText(value) })),
          { name: 'Key', value: <Key value={taskRun.key} /> },
        ]}
      />
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

function Key({ value }: { readonly value: string | null }) {
  return value === null ? (
    NOTHING
  ) : (
    <span className="mono" title={value}>{`${value.slice(0, 16)}${value.length > 16 ? '…' : ''}`}</span>
  );
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
          <section
            className="log"
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take the focus, or keyboards cannot move it (WCAG 2.1.1).
            tabIndex={0}
            aria-label={`Log of attempt ${attempt.number}`}
          >
            {attempt.log}
          </section>
        )}
      </Stack>
    </Card>
  );
}
