import { Anchor, List, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Difference, TaskRun } from '#api';
import { TimeText } from '../../components/TimeText.tsx';

interface WhySectionProps {
  readonly taskRun: TaskRun;
  readonly taskRuns: readonly TaskRun[];
  /** Opens another task run of the same run. */
  readonly onSelect: (goal: string) => void;
}

/** Why a task run was computed, or where its result came from. */
export function WhySection({ taskRun, taskRuns, onSelect }: WhySectionProps) {
  const { why } = taskRun;
  if (why === null) return null;
  return (
    <section aria-label={`Why ${taskRun.task} ran`}>
      <Text size="sm" fw={600} mb={2}>
        {taskRun.state === 'cached' ? 'Why it did not run' : 'Why it ran'}
      </Text>
      {why.from === null ? null : <ReUsed from={why.from} />}
      {why.differences.length === 0 ? null : (
        <List size="sm" spacing={2}>
          {why.differences.map((difference) => (
            <List.Item key={`${difference.kind} ${difference.name ?? ''} ${difference.sentence}`}>
              <Sentence difference={difference} taskRuns={taskRuns} onSelect={onSelect} />
            </List.Item>
          ))}
        </List>
      )}
    </section>
  );
}

function ReUsed({ from }: { readonly from: NonNullable<NonNullable<TaskRun['why']>['from']> }) {
  const verb = from.isAccepted ? 'Its result was accepted for the current code; it was computed' : 'It was computed';
  return (
    <Text size="sm" component="p" m={0}>
      {verb} <TimeText time={from.at} />
      {from.runId === null ? null : (
        <>
          {' by '}
          <Link to="/runs/$id" params={{ id: from.runId }} className="text-link">
            run {from.runId}
          </Link>
        </>
      )}
      .
    </Text>
  );
}

/** A changed input links to the task run that made it. */
function Sentence({
  difference,
  taskRuns,
  onSelect,
}: Pick<WhySectionProps, 'taskRuns' | 'onSelect'> & { readonly difference: Difference }) {
  const made = taskRuns.find(({ goal }) => goal === difference.goal);
  return (
    <span className="break">
      {difference.sentence}
      {made === undefined ? null : (
        <>
          {' '}
          <Anchor component="button" size="sm" className="text-link" onClick={() => onSelect(made.goal)}>
            See {made.task}
          </Anchor>
        </>
      )}
    </span>
  );
}
