import { Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { TaskRun } from '#api';
import { Failed, LoadingRows } from '../../components/Notice.tsx';
import { ShortId } from '../../components/ShortId.tsx';
import { taskRunResultQuery } from '../../queries.ts';
import { OutputCard } from './OutputCard.tsx';

interface TaskRunOutputsProps {
  readonly runId: string;
  readonly taskRun: TaskRun;
}

/** What a task run read and made. */
export function TaskRunOutputs({ runId, taskRun }: TaskRunOutputsProps) {
  const { goal, state, task } = taskRun;
  const { data, error, refetch } = useQuery(taskRunResultQuery({ id: runId, goal, state }));
  if (data === undefined)
    return error === null ? (
      <LoadingRows rows={2} height={60} />
    ) : (
      <Failed what="Its outputs" error={error} onRetry={() => void refetch()} />
    );
  return (
    <section aria-label={`Outputs of ${task}`}>
      <Text size="sm" fw={600} mb={6}>
        Outputs
      </Text>
      {data.version === null ? (
        <Text size="sm" c="dimmed">
          The result is no longer stored.
        </Text>
      ) : (
        <Stack gap="sm">
          {data.inputs.length === 0 ? null : (
            <Text size="sm" c="dimmed" component="div">
              Made from{' '}
              {data.inputs.map((input, at) => (
                <span key={input.name}>
                  {at === 0 ? '' : ', '}
                  {input.name} of {input.task} <ShortId value={input.key} />
                </span>
              ))}
              {data.runId === null || data.runId === runId ? null : (
                <>
                  {' in '}
                  <Link to="/runs/$id" params={{ id: data.runId }} className="text-link">
                    run {data.runId}
                  </Link>
                </>
              )}
            </Text>
          )}
          {data.outputs.map((output) => (
            <OutputCard key={output.name} output={output} task={task} />
          ))}
        </Stack>
      )}
    </section>
  );
}
