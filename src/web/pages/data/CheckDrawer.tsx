import { Button, Drawer, Group, Stack, Text, Title, useComputedColorScheme } from '@mantine/core';
import { IconReportSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type CheckDetail, reportChartPath } from '#api';
import { CopyTime } from '../../components/CopyTime.tsx';
import { FactList } from '../../components/FactList.tsx';
import { Failed, LoadingRows } from '../../components/Notice.tsx';
import { ShortId } from '../../components/ShortId.tsx';
import { CriticalityBadge, VerdictBadge } from '../../components/states.tsx';
import { toBytesText, toDurationText, toNumberText } from '../../format.ts';
import { checkQuery } from '../../queries.ts';
import { CheckedParts } from './CheckedParts.tsx';
import { toRowFacts } from './row-facts.ts';
import { Violations } from './Violations.tsx';

interface CheckDrawerProps {
  readonly id: string | undefined;
  readonly onClose: () => void;
}

/** One checked file in detail, over the list it was opened from. */
export function CheckDrawer({ id, onClose }: CheckDrawerProps) {
  return (
    <Drawer.Root opened={id !== undefined} onClose={onClose} position="right" size={560}>
      <Drawer.Overlay />
      <Drawer.Content>
        <Drawer.Body pt="sm">
          {/* Not Drawer.Header: it renders a second banner landmark. */}
          <Group justify="space-between" mb="sm">
            <Drawer.Title>Checked file</Drawer.Title>
            <Drawer.CloseButton aria-label="Close" />
          </Group>
          {id === undefined ? null : <CheckContent id={id} />}
        </Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}

function CheckContent({ id }: { readonly id: string }) {
  const { data: check, error, refetch } = useQuery(checkQuery(id));
  if (check === undefined) {
    return error === null ? (
      <LoadingRows rows={6} height={40} />
    ) : (
      <Failed what="This file" error={error} onRetry={() => void refetch()} />
    );
  }
  return (
    <Stack gap="lg">
      <Stack gap="xs">
        <Title order={2} fz={20} className="break">
          {check.file}
        </Title>
        <Group gap="xs">
          <VerdictBadge verdict={check.verdict} />
          {check.criticality === null ? null : <CriticalityBadge criticality={check.criticality} />}
        </Group>
        <Text size="sm" className="break">
          {check.summary}
        </Text>
      </Stack>
      {check.verdict === 'quarantined' ? null : <Charts check={check} />}
      <CheckFacts check={check} />
      {check.reportUrl === null ? null : (
        <Button
          renderRoot={(props) => <Link to="/reports/$id" params={{ id: check.id }} {...props} />}
          leftSection={<IconReportSearch size={16} />}
          w="fit-content"
        >
          Open the report
        </Button>
      )}
      <CheckedParts check={check} />
      <Violations check={check} />
    </Stack>
  );
}

/** The charts of the report, rendered by the server. */
function Charts({ check }: { readonly check: CheckDetail }) {
  const scheme = useComputedColorScheme('light');
  const { good, bad, rejected } = check.rows;
  const shares = `${toNumberText(good)} good, ${toNumberText(bad)} bad, ${toNumberText(rejected)} rejected rows`;
  return (
    <Stack gap={6}>
      <img className="report-rows" src={`${reportChartPath(check.id, 'rows')}?scheme=${scheme}`} alt={shares} />
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <Text size="sm" c="dimmed">
          Share of unusable rows up to this file
        </Text>
        <img
          className="report-trend"
          src={`${reportChartPath(check.id, 'trend')}?scheme=${scheme}`}
          alt="Share of unusable rows of the files before it and of this one"
        />
      </Group>
    </Stack>
  );
}

function CheckFacts({ check }: { readonly check: CheckDetail }) {
  return (
    <FactList
      facts={[
        ...toRowFacts(check),
        { name: 'Size', value: toBytesText(check.sizeBytes) },
        { name: 'Check took', value: toDurationText(check.durationMs) },
        { name: 'Checked', value: <CopyTime time={check.checkedAt} /> },
        { name: 'Digest', value: <ShortId value={check.digest} /> },
      ]}
    />
  );
}
