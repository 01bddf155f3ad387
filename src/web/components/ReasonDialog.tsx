import { Group, Modal, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { ReasonFields } from './ReasonFields.tsx';

interface ReasonDialogProps {
  readonly title: string;
  /** What happens, in a sentence. */
  readonly effect: string;
  /** What the button says. */
  readonly action: string;
  readonly isPending: boolean;
  /** Why it was refused. */
  readonly problem?: string | undefined;
  readonly onConfirm: (reason: string) => void;
  readonly onClose: () => void;
  /** Fields above the reason. */
  readonly children?: ReactNode;
}

/** Says what a change does, and asks for the reason, which is kept on record. */
export function ReasonDialog({ title, effect, onClose, ...form }: ReasonDialogProps) {
  return (
    <Modal.Root opened onClose={onClose}>
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Body pt="md">
          {/* Not Modal.Header: it renders a second banner landmark. */}
          <Group justify="space-between" wrap="nowrap" mb="sm">
            <Modal.Title fw={650} className="break">
              {title}
            </Modal.Title>
            <Modal.CloseButton aria-label="Close" />
          </Group>
          <Stack gap="md">
            <Text size="sm">{effect}</Text>
            <ReasonForm {...form} onClose={onClose} />
          </Stack>
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function ReasonForm({
  action,
  isPending,
  problem,
  onConfirm,
  onClose,
  children,
}: Omit<ReasonDialogProps, 'title' | 'effect'>) {
  const [reason, setReason] = useState('');
  const isMissing = reason.trim() === '';
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!isMissing) onConfirm(reason.trim());
      }}
    >
      <Stack gap="md">
        {children}
        <ReasonFields
          reason={reason}
          onChange={setReason}
          onCancel={onClose}
          description="Kept on record."
          action={action}
          isPending={isPending}
          canSend={!isMissing}
          isFocused={children === undefined}
        >
          {problem === undefined ? null : (
            <Text size="sm" role="alert" c="var(--tone-red-text)" className="break">
              {problem}
            </Text>
          )}
        </ReasonFields>
      </Stack>
    </form>
  );
}
