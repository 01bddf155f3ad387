import { SegmentedControl, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import type { AlertRule } from '#api';
import { toTitle } from '../../format.ts';
import type { RuleDraft } from './rule-draft.ts';

const SEVERITIES = (['low', 'medium', 'high'] as const).map((value) => ({ value, label: toTitle(value) }));
const UNITS: Readonly<Record<AlertRule['unit'], string>> = {
  ...{ share: ' (%)', minutes: ' (minutes)', intervals: ' (intervals)', count: '', number: '' },
};

interface DraftFieldsProps {
  readonly rule: Pick<AlertRule, 'firesWhen' | 'unit'>;
  readonly draft: RuleDraft;
  readonly problems: Partial<Readonly<Record<keyof RuleDraft, string>>>;
  readonly onChange: (draft: RuleDraft) => void;
}

/** When a rule fires, how bad that is, and who looks after it. */
export function DraftFields({ rule, draft, problems, onChange }: DraftFieldsProps) {
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
