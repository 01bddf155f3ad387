import { Button, Group, SegmentedControl, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { AlertRule } from '#api';
import { call } from '../../client.ts';
import { toTitle } from '../../format.ts';
import { BY, REASON_LENGTH_MAX } from './rule-action.ts';
import { parseDraft, type RuleDraft, type RuleFields, toDraft } from './rule-draft.ts';
import { Trial } from './Trial.tsx';
import { useRuleChange } from './use-rule-change.ts';

const SEVERITIES = (['low', 'medium', 'high'] as const).map((value) => ({ value, label: toTitle(value) }));
const UNITS: Readonly<Record<AlertRule['unit'], string>> = {
  ...{ share: ' (%)', minutes: ' (minutes)', intervals: ' (intervals)', count: '', number: '' },
};

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
        <Fields rule={rule} draft={draft} problems={problems} onChange={setDraft} />
        <Trial key={JSON.stringify(fields)} rule={rule} fields={fields} isValid={isValid} />
        <TextInput
          label="Why?"
          description="Kept on record and shown to others."
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          maxLength={REASON_LENGTH_MAX}
          required
        />
        <Group gap="xs" justify="flex-end">
          <Button variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button type="submit" loading={change.isPending} disabled={!canSave}>
            Change {rule.name}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface FieldsProps {
  readonly rule: AlertRule;
  readonly draft: RuleDraft;
  readonly problems: Partial<Readonly<Record<keyof RuleDraft, string>>>;
  readonly onChange: (draft: RuleDraft) => void;
}

function Fields({ rule, draft, problems, onChange }: FieldsProps) {
  const field = (name: Exclude<keyof RuleDraft, 'severity'>) => ({
    value: draft[name],
    error: problems[name] ?? null,
    autoComplete: 'off',
    onChange: (event: { readonly currentTarget: { readonly value: string } }) =>
      onChange({ ...draft, [name]: event.currentTarget.value }),
  });
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <TextInput
          label={`Fires when ${rule.firesWhen === 'below' ? 'below' : 'at least'}${UNITS[rule.unit]}`}
          inputMode="decimal"
          data-autofocus
          {...field('threshold')}
        />
        <TextInput label="For (minutes)" inputMode="decimal" {...field('forMinutes')} />
      </SimpleGrid>
      <div>
        <Text size="sm" fw={500} mb={4} id="rule-severity">
          Severity
        </Text>
        <SegmentedControl
          aria-labelledby="rule-severity"
          data={SEVERITIES}
          value={draft.severity}
          onChange={(severity) => onChange({ ...draft, severity })}
        />
      </div>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
        <TextInput label="Owner" placeholder="e.g. data-team" {...field('owner')} />
        <TextInput label="Runbook" placeholder="https://…" {...field('runbook')} />
      </SimpleGrid>
    </Stack>
  );
}
