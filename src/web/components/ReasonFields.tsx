import { Button, Group, TextInput } from '@mantine/core';
import type { ReactNode, Ref } from 'react';

/** As the API takes it. */
export const REASON_LENGTH_MAX = 500;

interface ReasonFieldsProps {
  readonly reason: string;
  readonly onChange: (reason: string) => void;
  readonly onCancel: () => void;
  /** Where the reason can be read later. */
  readonly description: string;
  /** What the form does, on its button. */
  readonly action: ReactNode;
  readonly isPending: boolean;
  readonly canSend: boolean;
  readonly fieldRef?: Ref<HTMLInputElement>;
  /** Whether a dialog focuses the reason when it opens. */
  readonly isFocused?: boolean;
  /** Between the reason and the buttons. */
  readonly children?: ReactNode;
}

/** The end of a form for a change that is kept on record: the reason, and the buttons. */
export function ReasonFields(props: ReasonFieldsProps) {
  const { reason, onChange, onCancel, description, action, isPending, canSend } = props;
  return (
    <>
      <TextInput
        label="Why?"
        description={description}
        value={reason}
        onChange={(event) => onChange(event.currentTarget.value)}
        maxLength={REASON_LENGTH_MAX}
        ref={props.fieldRef}
        data-autofocus={props.isFocused || undefined}
        required
      />
      {props.children}
      <Group gap="xs" justify="flex-end">
        <Button variant="default" onClick={onCancel}>
          Cancel
        </Button>
        <Button type="submit" loading={isPending} disabled={!canSend}>
          {action}
        </Button>
      </Group>
    </>
  );
}
