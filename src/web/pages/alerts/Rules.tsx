import { Group, Text } from '@mantine/core';
import { IconBell, IconBellOff, IconUserCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import type { AlertRule } from '#api';
import { Empty, Failed, LoadingRows } from '../../components/Notice.tsx';
import { type RecordColumn, RecordTable } from '../../components/RecordTable.tsx';
import { Section } from '../../components/Section.tsx';
import { CriticalityBadge } from '../../components/states.tsx';
import { TimeText } from '../../components/TimeText.tsx';
import { ToneBadge } from '../../components/ToneBadge.tsx';
import { alertRulesQuery } from '../../queries.ts';
import { NewRule } from './NewRule.tsx';
import { ruleLook, sortRules, toConditionText, toRuleValueText, toStatesText } from './rule-words.ts';

const route = getRouteApi('/alerts');
/** Those that need somebody come first; the others are a click away, and the notices stay in sight. */
const SHOWN_FIRST = 8;

/** The alert rules, those that fire first. */
export function Rules() {
  const { data, error, refetch } = useQuery(alertRulesQuery);
  const navigate = route.useNavigate();
  const open = (name: string) => void navigate({ resetScroll: false, search: (search) => ({ ...search, rule: name }) });
  return (
    <Section
      title="Rules"
      aside={
        data === undefined ? null : (
          <Group gap="sm" justify="flex-end">
            <Text size="sm" c="dimmed" className="tabular">
              {toStatesText(data.items)}
            </Text>
            <NewRule taken={data.items.map(({ name }) => name)} onAdded={open} />
          </Group>
        )
      }
    >
      {data === undefined ? (
        error === null ? (
          <LoadingRows rows={5} />
        ) : (
          <Failed what="The alert rules" error={error} onRetry={() => void refetch()} />
        )
      ) : data.items.length === 0 ? (
        <Empty icon={<IconBell size={22} />} title="No rules">
          A project with a contract or a schedule has rules from the start; others can be added here or in the settings.
        </Empty>
      ) : (
        <RecordTable
          name="rules"
          label="Alert rules"
          columns={COLUMNS}
          records={sortRules(data.items)}
          toKey={({ name }) => name}
          step={SHOWN_FIRST}
          onOpen={({ name }) => open(name)}
        />
      )}
    </Section>
  );
}

const COLUMNS: readonly RecordColumn<AlertRule>[] = [
  {
    key: 'state',
    title: 'State',
    value: (rule) => ruleLook(rule).word,
    render: (rule) => <RuleState rule={rule} />,
  },
  {
    key: 'rule',
    title: 'Rule',
    value: ({ title, name }) => `${title} ${name}`,
    render: ({ name, title }) => (
      <Link
        to="/alerts"
        search={(search) => ({ ...search, rule: name })}
        resetScroll={false}
        className="row-link"
        onClick={(event) => event.stopPropagation()}
      >
        {title}
      </Link>
    ),
  },
  {
    key: 'severity',
    title: 'Severity',
    visibleFrom: 'sm',
    value: ({ severity }) => ['low', 'medium', 'high'].indexOf(severity),
    render: ({ severity }) => <CriticalityBadge criticality={severity} />,
  },
  {
    key: 'value',
    title: 'Value',
    align: 'right',
    value: ({ state }) => state.value,
    render: ({ state, unit }) => <span className="tabular nowrap">{toRuleValueText(state.value, unit)}</span>,
  },
  {
    key: 'threshold',
    title: 'Fires when',
    render: (rule) => <span className="tabular">{toConditionText(rule)}</span>,
  },
  {
    key: 'since',
    title: 'Since',
    align: 'right',
    value: ({ state }) => state.since,
    render: ({ state }) => <TimeText time={state.since} />,
  },
  {
    key: 'owner',
    title: 'Owner',
    visibleFrom: 'lg',
    value: ({ owner }) => owner,
    render: ({ owner }) => owner,
  },
];

function RuleState({ rule }: { readonly rule: AlertRule }) {
  const { tone, word } = ruleLook(rule);
  return (
    <Group gap={6} wrap="nowrap">
      <ToneBadge tone={tone}>{word}</ToneBadge>
      {rule.acknowledged === null ? null : (
        <IconUserCheck size={15} role="img" aria-label={`Acknowledged by ${rule.acknowledged.by}`} />
      )}
      {rule.mute === null ? null : <IconBellOff size={15} role="img" aria-label={`Muted by ${rule.mute.by}`} />}
    </Group>
  );
}
