import { Button, Checkbox, Group, Modal, ScrollArea, Stack, Text } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Run } from '#api';
import { call } from '../../client.ts';
import { StateBadge } from '../../components/states.tsx';
import { toCountText, toTimeText } from '../../format.ts';
import { usePermission } from '../../session.ts';
import { type Retried, retriable, retryRuns } from './retry-runs.ts';

/** Retries the runs of the page that failed or were cancelled, after a look at them. */
export function BulkRetry({ runs }: { readonly runs: readonly Run[] }) {
  const [listed, setListed] = useState<readonly Run[]>();
  const permission = usePermission('retryRun');
  const failed = retriable(runs);
  return (
    <>
      {failed.length === 0 ? null : (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconRefresh size={14} />}
          // The list is that of now: it must not change while somebody reads it.
          onClick={() => setListed(failed)}
          {...permission}
        >
          Retry {toCountText(failed.length, 'run')}
        </Button>
      )}
      {listed === undefined ? null : <RetryDialog runs={listed} onClose={() => setListed(undefined)} />}
    </>
  );
}

interface RetryDialogProps {
  readonly runs: readonly Run[];
  readonly onClose: () => void;
}

function RetryDialog({ runs, onClose }: RetryDialogProps) {
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set(runs.map(({ id }) => id)));
  const [tried, setTried] = useState(0);
  const retry = useMutation({
    mutationFn: () =>
      retryRuns([...chosen], { retry: (id) => call('retryRun', { params: { id } }), onProgress: setTried }),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['runs'] }),
  });
  const toggle = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  return (
    <Modal.Root opened onClose={onClose} size="lg">
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Body pt="md">
          {/* Not Modal.Header: it renders a second banner landmark. */}
          <Group justify="space-between" wrap="nowrap" mb="sm">
            <Modal.Title fw={650}>Retry {toCountText(chosen.size, 'run')}</Modal.Title>
            <Modal.CloseButton aria-label="Close" />
          </Group>
          {retry.data === undefined ? (
            <Stack gap="md">
              <Text size="sm">
                Each becomes a new run with the same params. What is complete is not computed again.
              </Text>
              <ScrollArea.Autosize mah={320} type="auto">
                <Stack gap={6} pr="sm">
                  {runs.map((run) => (
                    <Checkbox
                      key={run.id}
                      checked={chosen.has(run.id)}
                      disabled={retry.isPending}
                      onChange={() => toggle(run.id)}
                      label={<RunLabel run={run} />}
                    />
                  ))}
                </Stack>
              </ScrollArea.Autosize>
              <Group gap="xs" justify="flex-end">
                <Button variant="default" onClick={onClose}>
                  Cancel
                </Button>
                <Button disabled={chosen.size === 0 || retry.isPending} onClick={() => retry.mutate()}>
                  {retry.isPending ? `${tried} of ${chosen.size} retried` : `Retry ${toCountText(chosen.size, 'run')}`}
                </Button>
              </Group>
            </Stack>
          ) : (
            <Outcome retried={retry.data} onClose={onClose} />
          )}
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function RunLabel({ run }: { readonly run: Run }) {
  return (
    <Group gap="xs">
      <StateBadge state={run.state} />
      <Text span size="sm" fw={550}>
        {run.pipeline}
      </Text>
      <Text span size="sm" c="dimmed" className="break">
        run {run.id}, {toTimeText(run.createdAt)}
      </Text>
    </Group>
  );
}

function Outcome({
  retried: { started, refused },
  onClose,
}: {
  readonly retried: Retried;
  readonly onClose: () => void;
}) {
  return (
    <Stack gap="md">
      <Text size="sm" role="status">
        {toCountText(started, 'run')} started{refused.length === 0 ? '.' : `, ${refused.length} refused:`}
      </Text>
      {refused.map(({ id, message }) => (
        <Text key={id} size="sm" className="break" c="var(--tone-red-text)">
          Run {id}: {message}
        </Text>
      ))}
      <Group justify="flex-end">
        <Button onClick={onClose}>Close</Button>
      </Group>
    </Stack>
  );
}
