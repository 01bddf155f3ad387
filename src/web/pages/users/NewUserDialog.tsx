import { Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Role } from '#api';
import { type Answer, call } from '../../client.ts';
import { ReasonDialog } from '../../components/ReasonDialog.tsx';
import { RoleSelect } from './RoleSelect.tsx';

interface NewUserDialogProps {
  readonly onDone: (invited: Answer<'createUser'>) => void;
  readonly onClose: () => void;
}

/** Creates a user, who gets a one-time link. */
export function NewUserDialog({ onDone, onClose }: NewUserDialogProps) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const create = useMutation({
    mutationFn: (reason: string) => call('createUser', { body: { name: name.trim(), role, reason } }),
    onSuccess: onDone,
  });
  return (
    <ReasonDialog
      title="Invite a user"
      effect="You get a one-time link to hand over, with which they choose their password."
      action="Invite"
      isPending={create.isPending}
      problem={create.error?.message}
      onConfirm={(reason) => create.mutate(reason)}
      onClose={onClose}
    >
      <Stack gap="sm">
        <TextInput
          label="Name"
          description="What they log in with, such as an address of mail"
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
          required
        />
        <RoleSelect role={role} onChange={setRole} />
      </Stack>
    </ReasonDialog>
  );
}
