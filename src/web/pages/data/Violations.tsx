import { Card, Group, List, Progress, Stack, Text, Title } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import type { CheckDetail, ViolationExample } from '#api';
import { Empty } from '../../components/Notice.tsx';
import { ToneBadge } from '../../components/ToneBadge.tsx';
import { toCountText, toNumberText, toShareText, toTitle } from '../../format.ts';

type Violation = CheckDetail['violations'][number];

/** Every expectation that a file does not meet, with the first rows that violate it. */
export function Violations({ check }: { readonly check: CheckDetail }) {
  if (check.violations.length === 0) {
    return (
      <Empty icon={<IconCircleCheck size={22} />} title="No violation">
        Every expectation of the contract is met by this file.
      </Empty>
    );
  }
  return (
    <Stack gap="sm">
      <Title order={3} fz={15}>
        {toCountText(check.violations.length, 'violation')}
      </Title>
      {check.violations.map((violation) => (
        <ViolationCard key={`${violation.expectation} ${violation.column ?? ''}`} violation={violation} />
      ))}
    </Stack>
  );
}

function ViolationCard({ violation }: { readonly violation: Violation }) {
  return (
    <Card padding="sm">
      <Stack gap={6}>
        <Group gap="xs">
          <ToneBadge tone={violation.severity === 'fail' ? 'red' : 'orange'}>{toTitle(violation.severity)}</ToneBadge>
          <ToneBadge tone="grey">{toTitle(violation.category)}</ToneBadge>
        </Group>
        <Text size="sm" className="break">
          {violation.sentence}
        </Text>
        <ViolatedRows violation={violation} />
        <Examples violation={violation} />
      </Stack>
    </Card>
  );
}

function ViolatedRows({ violation: { rows, share, severity } }: { readonly violation: Violation }) {
  // It is about the file as a whole, such as a column that is missing.
  if (rows === 0) return null;
  return (
    <Group gap="sm" wrap="nowrap">
      <Progress
        value={share * 100}
        color={severity === 'fail' ? 'var(--tone-red-solid)' : 'var(--tone-orange-solid)'}
        style={{ flex: 1 }}
        aria-label="Share of the rows"
      />
      <Text size="sm" c="dimmed" className="nowrap tabular">
        {toCountText(rows, 'row')}, {toShareText(share)}
      </Text>
    </Group>
  );
}

function Examples({ violation: { examples, rows } }: { readonly violation: Violation }) {
  if (examples.length === 0) return null;
  return (
    <List size="sm" spacing={2} listStyleType="none" aria-label="First rows with this violation">
      {examples.map((example) => (
        <List.Item key={example.number} className="break">
          <Example example={example} />
        </List.Item>
      ))}
      {rows > examples.length ? (
        <List.Item>
          <Text span size="sm" c="dimmed">
            and {toNumberText(rows - examples.length)} more
          </Text>
        </List.Item>
      ) : null}
    </List>
  );
}

function Example({ example: { at, number, values } }: { readonly example: ViolationExample }) {
  return (
    <>
      <Text span size="sm" c="dimmed" className="tabular">
        {at} {toNumberText(number)}
      </Text>
      {values.map(({ column, text }, index) => (
        <span key={column ?? ''}>
          {index === 0 ? ': ' : ', '}
          {column === undefined ? '' : `${column} `}
          {text === null || text === '' ? (
            <Text span size="sm" c="dimmed" fs="italic">
              {text === null ? 'not shown' : 'empty'}
            </Text>
          ) : (
            <code className="cell-text">{text}</code>
          )}
        </span>
      ))}
    </>
  );
}
