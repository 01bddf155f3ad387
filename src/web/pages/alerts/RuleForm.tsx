import { Stack } from '@mantine/core';
import { useState } from 'react';
import type { AlertRule } from '#api';
import { BY } from '../../by-whom.ts';
import { call } from '../../client.ts';
import { ReasonFields } from '../../components/ReasonFields.tsx';
import { DraftFields } from './DraftFields.tsx';
import { parseDraft, type RuleFields, toDraft } from './rule-draft.ts';
import { Trial } from './Trial.tsx';
import { useRuleChange } from './use-rule-change.ts';

interface RuleFormProps {
  readonly rule: AlertRule;
  readonly onDone: () => void;
}

/** Changes a rule; before that, it can be tried against the last 24 hours. */
export function RuleForm({ rule, onDone }: RuleFormProps) {
  const [draft, setDraft] = useState(() => toDraft(rule));
  const [reason, setReason] = useState('');
  const { fields, problems } = parseDraft(draft, rule);
  const isValid = Object.keys(problems).length === 0;
  const canSave = isValid && Object.keys(fields).length > 0 && reason.trim() !== '';
  const change = useRuleChange<RuleFields>({
    send: (wanted) => call('changeAlertRule', { params: { rule: rule.name }, body: { ...wanted, reason, by: BY } }),
    refusal: `${rule.name} was not changed`,
    onDone,
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (canSave) change.mutate(fields);
      }}
    >
      <Stack gap="md">
        <DraftFields rule={rule} draft={draft} problems={problems} onChange={setDraft} />
        <Trial key={JSON.stringify(fields)} rule={rule} fields={fields} isValid={isValid} />
        <ReasonFields
          reason={reason}
          onChange={setReason}
          onCancel={onDone}
          description="Kept on record and shown to others."
          action={`Change ${rule.name}`}
          isPending={change.isPending}
          canSend={canSave}
        />
      </Stack>
    </form>
  );
}
