import { SegmentedControl, Stack, Text } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { AlertRule } from '#api';
import { ReasonFields } from '../../components/ReasonFields.tsx';
import { type RuleAction, sendAction, textsOf } from './rule-action.ts';
import { useRuleChange } from './use-rule-change.ts';

const DURATIONS = [
  { value: '60', label: '1 hour' },
  { value: '240', label: '4 hours' },
  { value: '1440', label: '1 day' },
  { value: '10080', label: '7 days' },
];
const [{ value: SHORTEST } = { value: '60' }] = DURATIONS;

interface ActionFormProps {
  readonly rule: AlertRule;
  readonly action: RuleAction;
  readonly onDone: () => void;
}

/** Says what an action does to a rule, and asks for the reason, which is kept on record. */
export function ActionForm({ rule, action, onDone }: ActionFormProps) {
  const [reason, setReason] = useState('');
  const [minutes, setMinutes] = useState(SHORTEST);
  const field = useRef<HTMLInputElement>(null);
  // Focused, because it was opened to be filled in.
  useEffect(() => field.current?.focus(), []);
  const { action: word, effect } = textsOf(action);
  const change = useRuleChange({
    send: () => sendAction(action, rule.name, { reason, minutes: Number(minutes) }),
    refusal: `${word} ${rule.name}: refused`,
    onDone,
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (reason.trim() !== '') change.mutate(undefined);
      }}
    >
      <Stack gap="sm">
        <Text size="sm">{effect}</Text>
        {action === 'mute' ? (
          <SegmentedControl aria-label="For how long" data={DURATIONS} value={minutes} onChange={setMinutes} />
        ) : null}
        <ReasonFields
          reason={reason}
          onChange={setReason}
          onCancel={onDone}
          description="Kept on record and shown to others."
          action={`${word} ${rule.name}`}
          isPending={change.isPending}
          canSend={reason.trim() !== ''}
          fieldRef={field}
        />
      </Stack>
    </form>
  );
}
