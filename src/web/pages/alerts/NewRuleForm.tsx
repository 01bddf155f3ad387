import { Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { AlertRuleKind } from '#api';
import { BY } from '../../by-whom.ts';
import { call } from '../../client.ts';
import { ReasonFields } from '../../components/ReasonFields.tsx';
import { DraftFields } from './DraftFields.tsx';
import { KindParams } from './KindParams.tsx';
import { type NewRuleDraft, parseNewRule, toNewDraft, toRuleName } from './new-rule.ts';
import type { RuleFields } from './rule-draft.ts';
import { Trial } from './Trial.tsx';
import { useRuleChange } from './use-rule-change.ts';

interface NewRuleFormProps {
  readonly kinds: readonly AlertRuleKind[];
  readonly taken: readonly string[];
  readonly onClose: () => void;
  readonly onAdded: (name: string) => void;
}

/** Chooses what is measured; the rest of the form depends on it. */
export function NewRuleForm({ kinds, ...props }: NewRuleFormProps) {
  const [chosen, setChosen] = useState<string | null>(null);
  const kind = kinds.find((each) => each.kind === chosen);
  return (
    <Stack gap="md">
      <Select
        label="What should it watch?"
        placeholder="Choose what is wrong when it fires"
        data={kinds.map(({ kind: value, title }) => ({ value, label: title }))}
        value={chosen}
        onChange={setChosen}
        maxDropdownHeight={320}
        searchable
        data-autofocus
      />
      {kind === undefined ? null : <KindForm key={kind.kind} kind={kind} {...props} />}
    </Stack>
  );
}

type KindFormProps = Omit<NewRuleFormProps, 'kinds'> & { readonly kind: AlertRuleKind };

function KindForm({ kind, taken, onClose, onAdded }: KindFormProps) {
  const [draft, setDraft] = useState(() => toNewDraft(kind));
  const [reason, setReason] = useState('');
  const { name, fields, problems } = parseNewRule(draft, { kind, taken });
  const { title: _title, name: _name, ...ofMeasure } = problems;
  const canTry = Object.keys(ofMeasure).length === 0;
  const canSave = Object.keys(problems).length === 0 && reason.trim() !== '';
  const add = useRuleChange<RuleFields>({
    send: (wanted) => call('changeAlertRule', { params: { rule: name }, body: { ...wanted, reason, by: BY } }),
    refusal: `${name} was not added`,
    onDone: () => onAdded(name),
  });
  // It has no name yet as long as it has no title, and a trial needs one.
  const { title, ...others } = fields;
  const tried = { ...others, ...(title === '' ? {} : { title }) };
  const rule = {
    ...kind,
    name: problems.name === undefined && name !== '' ? name : UNNAMED,
    title: title || kind.title,
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (canSave) add.mutate(fields);
      }}
    >
      <Stack gap="md">
        <Text size="sm" c="dimmed" className="break">
          {kind.description} Measured every {kind.everyMinutes === 1 ? 'minute' : `${kind.everyMinutes} minutes`}.
        </Text>
        <Names kind={kind} draft={draft} problem={problems.name} onChange={setDraft} />
        <KindParams kind={kind} draft={draft} problems={problems} onChange={setDraft} />
        <DraftFields
          rule={kind}
          draft={draft}
          problems={problems}
          onChange={(changed) => setDraft({ ...draft, ...changed })}
        />
        <Trial key={JSON.stringify(others)} rule={rule} fields={tried} isValid={canTry} />
        <ReasonFields
          reason={reason}
          onChange={setReason}
          onCancel={onClose}
          description="Kept on record and shown to others."
          action={'Add this rule'}
          isPending={add.isPending}
          canSend={canSave}
        />
      </Stack>
    </form>
  );
}

/** Of a rule that is tried before it has a name. */
const UNNAMED = 'new-rule';

interface NamesProps {
  readonly kind: AlertRuleKind;
  readonly draft: NewRuleDraft;
  readonly problem: string | undefined;
  readonly onChange: (draft: NewRuleDraft) => void;
}

function Names({ kind, draft, problem, onChange }: NamesProps) {
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
      <TextInput
        label="Title"
        description="What people call it"
        placeholder={kind.title}
        value={draft.title}
        onChange={(event) => onChange({ ...draft, title: event.currentTarget.value })}
        maxLength={120}
        autoComplete="off"
        required
      />
      <TextInput
        label="Name"
        description="For commands and settings"
        placeholder={toRuleName(draft.title) || 'follows from the title'}
        value={draft.name}
        onChange={(event) => onChange({ ...draft, name: event.currentTarget.value })}
        error={problem ?? null}
        autoComplete="off"
      />
    </SimpleGrid>
  );
}
