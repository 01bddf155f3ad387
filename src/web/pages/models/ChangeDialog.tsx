import { Group, Modal, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ModelVersion } from '#api';
import { BY } from '../../by-whom.ts';
import { call } from '../../client.ts';
import { MetricText } from '../../components/MetricText.tsx';
import { ReasonFields } from '../../components/ReasonFields.tsx';
import { type RecordColumn, RecordTable } from '../../components/RecordTable.tsx';
import { toMetricTitle } from '../../metrics.ts';
import { type AliasChange, textsOf } from './alias-change.ts';
import { metricNames } from './metrics.ts';

interface ChangeDialogProps {
  /** The dialog is closed without one. */
  readonly change: AliasChange | undefined;
  readonly onClose: () => void;
}

/** Says what a change of the champion or challenger does, and asks for the reason, which is kept on record. */
export function ChangeDialog({ change, onClose }: ChangeDialogProps) {
  return (
    <Modal.Root opened={change !== undefined} onClose={onClose} size="lg">
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Body pt="md">
          {/* Not Modal.Header: it renders a second banner landmark. */}
          <Group justify="space-between" wrap="nowrap" mb="sm">
            <Modal.Title fw={650}>{change === undefined ? '' : textsOf(change).title}</Modal.Title>
            <Modal.CloseButton aria-label="Close" />
          </Group>
          {change === undefined ? null : <ChangeForm change={change} onDone={onClose} />}
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function ChangeForm({ change, onDone }: { readonly change: AliasChange; readonly onDone: () => void }) {
  const [reason, setReason] = useState('');
  const send = useSend(change, onDone);
  const { effect, action } = textsOf(change);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (reason.trim() !== '') send.mutate(reason);
      }}
    >
      <Stack gap="md">
        <Text size="sm">{effect}</Text>
        <Comparison change={change} />
        <ReasonFields
          reason={reason}
          onChange={setReason}
          onCancel={onDone}
          description="Kept on record and shown under Promotions."
          action={action}
          isPending={send.isPending}
          canSend={reason.trim() !== ''}
          isFocused
        />
      </Stack>
    </form>
  );
}

/** The metrics of both versions side by side. */
function Comparison({ change: { from, to } }: { readonly change: AliasChange }) {
  if (from === undefined || from.version === to.version) return null;
  return (
    <RecordTable
      name="metrics"
      label="Metrics of both versions"
      columns={toMetricColumns(from, to)}
      records={metricNames([from, to])}
      toKey={(name) => name}
    />
  );
}

function toMetricColumns(from: ModelVersion, to: ModelVersion): RecordColumn<string>[] {
  const ofVersion = ({ version, metrics }: ModelVersion, title: string): RecordColumn<string> => ({
    key: String(version),
    title,
    align: 'right',
    value: (name) => metrics[name]?.value,
    render: (name) => (
      <span className="tabular">
        <MetricText name={name} metric={metrics[name]} />
      </span>
    ),
  });
  return [
    { key: 'metric', title: 'Metric', value: toMetricTitle, render: toMetricTitle },
    ofVersion(from, `@${from.version}, at present`),
    ofVersion(to, `@${to.version}`),
  ];
}

/** Sends the change, guarded by the version that the person saw. */
function useSend(change: AliasChange, onDone: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (reason: string) => {
      const body = { reason, by: BY, expectedPrevious: change.from?.version ?? null };
      const params = { version: change.to.version };
      switch (change.kind) {
        case 'promote':
          return call('promoteVersion', { params, body });
        case 'challenge':
          return call('challengeVersion', { params, body });
        case 'roll-back':
          return call('rollBackModel', { body });
        default:
          return change.kind satisfies never;
      }
    },
    onSuccess: onDone,
    onError: (error) =>
      notifications.show({ color: 'red', title: `The ${change.alias} was not changed`, message: error.message }),
    // Also after a refusal: another user was faster, and the page shows an old state.
    onSettled: () => void queries.invalidateQueries({ queryKey: ['models'] }),
  });
}
