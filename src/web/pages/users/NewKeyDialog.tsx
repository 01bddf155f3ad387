import { Select, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Role } from '#api';
import { type Answer, call } from '../../client.ts';
import { ReasonDialog } from '../../components/ReasonDialog.tsx';
import { RoleSelect } from './RoleSelect.tsx';

interface NewKeyDialogProps {
  readonly onDone: (made: Answer<'createApiKey'>) => void;
  readonly onClose: () => void;
}

const LIFETIMES = [
  { value: '30', label: 'In 30 days' },
  { value: '90', label: 'In 90 days' },
  { value: '365', label: 'In a year' },
  { value: 'never', label: 'Never' },
];
const DAY_MS = 86_400_000;

/** Creates a key for a program. */
export function NewKeyDialog({ onDone, onClose }: NewKeyDialogProps) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('operator');
  const [lifetime, setLifetime] = useState('90');
  const create = useMutation({
    mutationFn: (reason: string) => {
      const expiresAt = lifetime === 'never' ? null : new Date(Date.now() + Number(lifetime) * DAY_MS).toISOString();
      return call('createApiKey', { body: { name: name.trim(), role, expiresAt, reason } });
    },
    onSuccess: onDone,
  });
  return (
    <ReasonDialog
      title="Create an API key"
      effect="The key is shown once, after it is created."
      action="Create the key"
      isPending={create.isPending}
      problem={create.error?.message}
      onConfirm={(reason) => create.mutate(reason)}
      onClose={onClose}
    >
      <Stack gap="sm">
        <TextInput
          label="Program"
          description="On record for what is changed with the key"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
          required
        />
        <RoleSelect role={role} onChange={setRole} />
        <Select
          label="Expires"
          allowDeselect={false}
          data={LIFETIMES}
          value={lifetime}
          onChange={(chosen) => setLifetime(chosen ?? '90')}
        />
      </Stack>
    </ReasonDialog>
  );
}
