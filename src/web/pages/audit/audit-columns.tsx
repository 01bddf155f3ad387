import { Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { AuditEntry, AuditOutcome } from '#api';
import type { RecordColumn } from '../../components/RecordTable.tsx';
import { TimeText } from '../../components/TimeText.tsx';
import { ToneBadge } from '../../components/ToneBadge.tsx';
import { NOTHING, toTitle } from '../../format.ts';
import type { Tone } from '../../tones.ts';

export const OUTCOME_TONES: Readonly<Record<AuditOutcome, Tone>> = { done: 'green', refused: 'orange', failed: 'red' };

/** `promoteVersion` → `Promote version`. */
export function toActionText(action: string): string {
  return toTitle(action.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase());
}

/** The columns of the audit log. */
export const AUDIT_COLUMNS: readonly RecordColumn<AuditEntry>[] = [
  {
    key: 'action',
    title: 'Action',
    render: (entry) => (
      <>
        <Link
          to="/audit-log"
          search={(search) => ({ ...search, entry: entry.id })}
          className="row-link"
          onClick={(event) => event.stopPropagation()}
        >
          {toActionText(entry.action)}
        </Link>
        <Text size="xs" c="dimmed" className="break">
          {entry.target ?? ''}
        </Text>
      </>
    ),
  },
  {
    key: 'actor',
    title: 'Who',
    render: ({ actor }) => (
      <>
        <Text size="sm" className="break">
          {actor.name}
        </Text>
        <Text size="xs" c="dimmed">
          {toTitle(actor.kind)}
        </Text>
      </>
    ),
  },
  {
    key: 'outcome',
    title: 'Outcome',
    visibleFrom: 'sm',
    render: ({ outcome }) => <ToneBadge tone={OUTCOME_TONES[outcome]}>{toTitle(outcome)}</ToneBadge>,
  },
  {
    key: 'reason',
    title: 'Why',
    visibleFrom: 'md',
    render: ({ reason }) => (
      <Text size="sm" c="dimmed" lineClamp={2} className="break">
        {reason ?? NOTHING}
      </Text>
    ),
  },
  { key: 'at', order: 'at', title: 'When', align: 'right', render: ({ at }) => <TimeText time={at} /> },
];
