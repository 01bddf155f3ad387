import { Alert, Button, Drawer, Group, Stack, Text, Title } from '@mantine/core';
import { IconBellOff, IconPencil, IconUserCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import type { AlertRule } from '#api';
import { FactList } from '../../components/FactList.tsx';
import { Empty, Failed, LoadingRows } from '../../components/Notice.tsx';
import { CriticalityBadge } from '../../components/states.tsx';
import { TimeText } from '../../components/TimeText.tsx';
import { ToneBadge } from '../../components/ToneBadge.tsx';
import { NOTHING } from '../../format.ts';
import { alertRulesQuery } from '../../queries.ts';
import { usePermission } from '../../session.ts';
import { ActionForm } from './ActionForm.tsx';
import { RuleForm } from './RuleForm.tsx';
import { RuleHistory } from './RuleHistory.tsx';
import { actionsFor, type RuleAction, textsOf } from './rule-action.ts';
import { ruleLook, toConditionText, toOriginText, toRuleValueText } from './rule-words.ts';
import { Trial } from './Trial.tsx';

interface RuleDrawerProps {
  readonly name: string | undefined;
  readonly onClose: () => void;
}

/** One rule in detail, over the list that it was opened from. */
export function RuleDrawer({ name, onClose }: RuleDrawerProps) {
  return (
    <Drawer.Root opened={name !== undefined} onClose={onClose} position="right" size={620}>
      <Drawer.Overlay />
      <Drawer.Content>
        <Drawer.Body pt="sm">
          {/* Not Drawer.Header: it renders a second banner landmark. */}
          <Group justify="space-between" mb="sm">
            <Drawer.Title>Alert rule</Drawer.Title>
            <Drawer.CloseButton aria-label="Close" />
          </Group>
          {name === undefined ? null : <FoundRule key={name} name={name} />}
        </Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}

function FoundRule({ name }: { readonly name: string }) {
  const { data, error, refetch } = useQuery(alertRulesQuery);
  if (data === undefined) {
    return error === null ? (
      <LoadingRows rows={5} />
    ) : (
      <Failed what="This rule" error={error} onRetry={() => void refetch()} />
    );
  }
  const rule = data.items.find((each) => each.name === name);
  if (rule !== undefined) return <RuleContent rule={rule} />;
  return (
    <Empty icon={<IconBellOff size={22} />} title={`There is no rule ${name}`}>
      It was removed, or the address is mistyped. Close this to see those that are there.
    </Empty>
  );
}

function RuleContent({ rule }: { readonly rule: AlertRule }) {
  const [open, setOpen] = useState<RuleAction | 'edit'>();
  const permission = usePermission('changeAlertRule');
  const close = () => setOpen(undefined);
  const { tone, word } = ruleLook(rule);
  return (
    <Stack gap="lg">
      <Stack gap="xs">
        <Title order={2} fz={20} className="break">
          {rule.title}
        </Title>
        <Group gap="xs">
          <ToneBadge tone={tone}>{word}</ToneBadge>
          <CriticalityBadge criticality={rule.severity} />
          <Text size="sm" c="dimmed" className="mono">
            {rule.name}
          </Text>
        </Group>
        <Text size="sm" className="break">
          {rule.description}
        </Text>
        {rule.state.detail === null ? null : (
          <Text fw={600} className="break">
            {rule.state.detail}
          </Text>
        )}
      </Stack>
      <Handled rule={rule} />
      <Group gap="xs">
        {actionsFor(rule).map((action) => (
          <Button
            key={action}
            size="xs"
            variant={action === 'acknowledge' ? 'filled' : 'default'}
            aria-expanded={open === action}
            onClick={() => setOpen(open === action ? undefined : action)}
            {...permission}
          >
            {textsOf(action).action}
          </Button>
        ))}
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPencil size={14} />}
          aria-expanded={open === 'edit'}
          onClick={() => setOpen(open === 'edit' ? undefined : 'edit')}
          {...permission}
        >
          Edit
        </Button>
      </Group>
      {open === undefined ? null : open === 'edit' ? (
        <RuleForm rule={rule} onDone={close} />
      ) : (
        <ActionForm key={open} rule={rule} action={open} onDone={close} />
      )}
      <RuleFacts rule={rule} />
      {/* The form has one of its own, for what is typed there. */}
      {open === 'edit' ? null : <Trial rule={rule} fields={{}} isValid />}
      <Stack gap="xs">
        <Title order={3} fz={15}>
          History
        </Title>
        <RuleHistory rule={rule} />
      </Stack>
    </Stack>
  );
}

/** Who looks after it, and who muted it. */
function Handled({ rule: { acknowledged, mute } }: { readonly rule: AlertRule }) {
  return (
    <>
      {acknowledged === null ? null : (
        <Remark icon={<IconUserCheck size={18} />} title={`Acknowledged by ${acknowledged.by}`}>
          {acknowledged.reason} (<TimeText time={acknowledged.at} />)
        </Remark>
      )}
      {mute === null ? null : (
        <Remark icon={<IconBellOff size={18} />} title={`Muted by ${mute.by}`}>
          {mute.reason} (from <TimeText time={mute.from} isAbsolute /> until <TimeText time={mute.until} isAbsolute />)
        </Remark>
      )}
    </>
  );
}

interface RemarkProps {
  readonly icon: ReactNode;
  readonly title: string;
  readonly children: ReactNode;
}

function Remark({ icon, title, children }: RemarkProps) {
  return (
    <Alert color="gray" icon={icon} title={title}>
      <Text size="sm" className="break" component="div">
        {children}
      </Text>
    </Alert>
  );
}

function RuleFacts({ rule }: { readonly rule: AlertRule }) {
  const { state, changed } = rule;
  return (
    <FactList
      facts={[
        { name: 'Value', value: toRuleValueText(state.value, rule.unit) },
        { name: 'Fires when', value: toConditionText(rule) },
        { name: 'In this state', value: <TimeText time={state.since} fallback="not evaluated yet" /> },
        { name: 'Measured', value: <TimeText time={state.measuredAt} /> },
        { name: 'Owner', value: rule.owner || NOTHING },
        {
          name: 'Runbook',
          value: rule.runbook === '' ? NOTHING : <a href={rule.runbook}>{rule.runbook}</a>,
        },
        { name: 'Group', value: rule.group },
        { name: 'Defined by', value: toOriginText(rule.origin) },
        ...(changed === null
          ? []
          : [
              {
                name: 'Changed',
                value: (
                  <>
                    by {changed.by}, <TimeText time={changed.at} />: {changed.reason}
                  </>
                ),
              },
            ]),
      ]}
    />
  );
}
