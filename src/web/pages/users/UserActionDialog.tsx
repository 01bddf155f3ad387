import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Role, User } from '#api';
import { type Answer, call } from '../../client.ts';
import { ReasonDialog } from '../../components/ReasonDialog.tsx';
import { RoleSelect } from './RoleSelect.tsx';
import { textsOfAction, type UserAction } from './user-action.ts';

interface UserActionDialogProps {
  readonly user: User;
  readonly action: UserAction;
  /** With the link, when there is a new one. */
  readonly onDone: (invited?: Answer<'resetUser'>) => void;
  readonly onClose: () => void;
}

/** Changes a user, with the reason on record. */
export function UserActionDialog({ user, action, onDone, onClose }: UserActionDialogProps) {
  const [role, setRole] = useState<Role>(user.role);
  const change = useMutation({
    mutationFn: (reason: string) => send({ id: user.id, action, role, reason }),
    onSuccess: onDone,
  });
  const texts = textsOfAction(action);
  return (
    <ReasonDialog
      title={texts.title(user.name)}
      effect={texts.effect}
      action={texts.action}
      isPending={change.isPending}
      problem={change.error?.message}
      onConfirm={(reason) => change.mutate(reason)}
      onClose={onClose}
    >
      {action === 'role' ? <RoleSelect role={role} onChange={setRole} /> : undefined}
    </ReasonDialog>
  );
}

interface Change {
  readonly id: string;
  readonly action: UserAction;
  readonly role: Role;
  readonly reason: string;
}

async function send({ id, action, role, reason }: Change): Promise<Answer<'resetUser'> | undefined> {
  const request = { params: { id }, body: { reason } };
  switch (action) {
    case 'reset':
      return await call('resetUser', request);
    case 'role':
      await call('changeUserRole', { ...request, body: { reason, role } });
      return undefined;
    case 'end-sessions':
      await call('endUserSessions', request);
      return undefined;
    case 'disable':
      await call('disableUser', request);
      return undefined;
    case 'enable':
      await call('enableUser', request);
      return undefined;
    default:
      return action satisfies never;
  }
}
