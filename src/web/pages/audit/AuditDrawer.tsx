import { Drawer, Group, Stack, Table, Text, Title } from '@mantine/core';
import type { AuditEntry } from '#api';
import { CopyTime } from '../../components/CopyTime.tsx';
import { FactList } from '../../components/FactList.tsx';
import { ToneBadge } from '../../components/ToneBadge.tsx';
import { NOTHING, toTitle } from '../../format.ts';
import { OUTCOME_TONES, toActionText } from './audit-columns.tsx';
import { listDifferences, toValueText } from './difference.ts';

interface AuditDrawerProps {
  readonly entry: AuditEntry | undefined;
  readonly onClose: () => void;
}

/** One change: who, why, and what differs before and after. */
export function AuditDrawer({ entry, onClose }: AuditDrawerProps) {
  return (
    <Drawer.Root opened={entry !== undefined} onClose={onClose} position="right" size={620}>
      <Drawer.Overlay />
      <Drawer.Content>
        <Drawer.Body pt="sm">
          {/* Not Drawer.Header: it renders a second banner landmark. */}
          <Group justify="space-between" mb="sm">
            <Drawer.Title>Change</Drawer.Title>
            <Drawer.CloseButton aria-label="Close" />
          </Group>
          {entry === undefined ? null : <Entry entry={entry} />}
        </Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}

function Entry({ entry }: { readonly entry: AuditEntry }) {
  const { actor, outcome, code } = entry;
  const isCommand = actor.kind === 'command' && actor.id !== null;
  return (
    <Stack gap="lg">
      <Group gap="sm">
        <Title order={2} fz={20} className="break">
          {toActionText(entry.action)}
        </Title>
        <ToneBadge tone={OUTCOME_TONES[outcome]}>{toTitle(outcome)}</ToneBadge>
      </Group>
      <FactList
        facts={[
          { name: 'Who', value: actor.name },
          { name: 'As', value: isCommand ? `Command of the system user ${actor.id}` : toTitle(actor.kind) },
          { name: 'When', value: <CopyTime time={entry.at} /> },
          { name: 'What', value: entry.target ?? NOTHING },
          { name: 'From', value: entry.address ?? NOTHING },
          { name: 'Request', value: entry.requestId ?? NOTHING },
          ...(code === null ? [] : [{ name: 'Error', value: code }]),
        ]}
      />
      <Text size="sm" className="break">
        {entry.reason ?? 'No reason was given.'}
      </Text>
      <Differences entry={entry} />
    </Stack>
  );
}

function Differences({ entry: { before, after } }: { readonly entry: AuditEntry }) {
  const changes = listDifferences(before, after);
  if (changes.length === 0)
    return (
      <Text size="sm" c="dimmed">
        No value was recorded that differs.
      </Text>
    );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take the focus, or keyboards cannot move it (WCAG 2.1.1).
    <section className="table-frame" tabIndex={0} aria-label="Before and after">
      <Table verticalSpacing={7}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Value</Table.Th>
            <Table.Th>Before</Table.Th>
            <Table.Th>After</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {changes.map((change) => (
            <Table.Tr key={change.path}>
              <Table.Td className="mono break">{change.path || 'all'}</Table.Td>
              <Table.Td className="break" c="var(--tone-red-text)">
                {toValueText(change.before) || NOTHING}
              </Table.Td>
              <Table.Td className="break" c="var(--tone-green-text)">
                {toValueText(change.after) || NOTHING}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}
