import { Anchor, Group, Stack, Text, Title } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { CheckDetail, CheckedPart } from '#api';
import { toBytesText } from '../../format.ts';

/** Where the parts of a checked file are, and the run that put them there. */
export function CheckedParts({ check }: { readonly check: CheckDetail }) {
  if (check.parts.length === 0 && check.runId === null) return null;
  return (
    <Stack gap={6} component="section" aria-label="Files">
      <Title order={3} fz={15}>
        Files
      </Title>
      {check.parts.map((part) => (
        <Part key={part.part} part={part} isWhole={isWhole(check)} />
      ))}
      {check.runId === null ? null : (
        <Text size="sm">
          Ingested by{' '}
          <Link to="/runs/$id" params={{ id: check.runId }} className="text-link">
            run {check.runId}
          </Link>
        </Text>
      )}
    </Stack>
  );
}

/** Whether the file was kept whole, because none of its rows is good. */
const isWhole = ({ verdict, rows }: CheckDetail): boolean => verdict === 'quarantined' || rows.good === 0;

function Part({ part: { part, path, sizeBytes, url }, isWhole: whole }: { part: CheckedPart; isWhole: boolean }) {
  const name = part === 'bad' && whole ? 'The whole file' : NAMES[part];
  return (
    <Group gap="sm" justify="space-between" wrap="nowrap" align="flex-start">
      <Stack gap={0} style={{ minWidth: 0 }}>
        <Text size="sm">
          {name}
          <Text span size="sm" c="dimmed" className="tabular">
            , {toBytesText(sizeBytes)}
          </Text>
        </Text>
        <Text size="sm" c="dimmed" className="mono break">
          {path}
        </Text>
      </Stack>
      {url === null ? null : (
        <Anchor href={url} download size="sm" className="nowrap" aria-label={`Download: ${name}`}>
          <IconDownload size={14} /> Download
        </Anchor>
      )}
    </Group>
  );
}

const NAMES: Readonly<Record<CheckedPart['part'], string>> = {
  good: 'Good rows',
  bad: 'Bad rows',
  reasons: 'Reasons of the bad rows',
  rejected: 'Unreadable records',
};
