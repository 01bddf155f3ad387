import { Button, Stack, Text } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { AlertRule, AlertRuleTrial } from '#api';
import { call } from '../../client.ts';
import { Failed } from '../../components/Notice.tsx';
import { ChartPanel } from '../../dashboard/ChartPanel.tsx';
import type { RuleFields } from './rule-draft.ts';
import { toFiringText, toTrialOption, toTrialSentence, toTrialView } from './trial.ts';

/** More are hardly read; the chart shows all. */
const FIRINGS_SHOWN = 10;
const HEIGHT_PX = 220;

type TriedRule = Pick<AlertRule, 'name' | 'title' | 'unit' | 'firesWhen' | 'untriable'>;

interface TrialProps {
  readonly rule: TriedRule;
  /** What would be changed. */
  readonly fields: RuleFields;
  readonly isValid: boolean;
}

/** Tries a rule, with what is changed, against the last 24 hours. Its `key` must change with them. */
export function Trial({ rule, fields, isValid }: TrialProps) {
  const attempt = useMutation({
    mutationFn: () => call('tryAlertRule', { params: { rule: rule.name }, body: fields }),
  });
  if (rule.untriable !== null) {
    return (
      <Text size="sm" c="dimmed" className="break">
        It cannot be tried against the past. {rule.untriable}
      </Text>
    );
  }
  return (
    <Stack gap="sm">
      <Button
        variant="default"
        w="fit-content"
        leftSection={<IconHistory size={16} />}
        loading={attempt.isPending}
        disabled={!isValid}
        onClick={() => attempt.mutate()}
      >
        Try against the last 24 hours
      </Button>
      {attempt.error === null ? null : <Failed what="The rule" verb="could not be tried" error={attempt.error} />}
      {attempt.data === undefined ? null : <Outcome rule={rule} trial={attempt.data} />}
    </Stack>
  );
}

function Outcome({ rule, trial }: { readonly rule: TriedRule; readonly trial: AlertRuleTrial }) {
  const view = useMemo(() => toTrialView(rule, trial), [rule, trial]);
  const toOption = useMemo(() => toTrialOption(trial), [trial]);
  const sentence = toTrialSentence(trial);
  return (
    <Stack gap="xs" role="status">
      <Text fw={600} className="break">
        {sentence}
      </Text>
      <div style={{ height: HEIGHT_PX }}>
        <ChartPanel view={view} toOption={toOption} label={`What ${rule.title} measured. ${sentence}`} />
      </div>
      {trial.firings.slice(0, FIRINGS_SHOWN).map((firing) => (
        <Text key={firing.firedAt} size="sm" className="break tabular">
          {toFiringText(firing, rule)}
        </Text>
      ))}
      {trial.firings.length > FIRINGS_SHOWN ? (
        <Text size="sm" c="dimmed">
          and {trial.firings.length - FIRINGS_SHOWN} more
        </Text>
      ) : null}
    </Stack>
  );
}
