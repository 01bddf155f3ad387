import { Button, Text } from '@mantine/core';
import type { ApiKey } from '#api';
import type { RecordColumn } from '../../components/RecordTable.tsx';
import { TimeText } from '../../components/TimeText.tsx';
import { ToneBadge } from '../../components/ToneBadge.tsx';
import { toTitle } from '../../format.ts';
import type { Tone } from '../../tones.ts';

const STATE_TONES: Readonly<Record<ApiKey['state'], Tone>> = { active: 'green', expired: 'orange', revoked: 'grey' };

/** The columns of the list of API keys, with a button that revokes. */
export function toKeyColumns(onRevoke: (key: ApiKey) => void): readonly RecordColumn<ApiKey>[] {
  return [
    {
      key: 'name',
      order: 'name',
      title: 'Program',
      render: ({ name, prefix }) => (
        <>
          <Text size="sm" fw={550} className="break">
            {name}
          </Text>
          <Text size="xs" c="dimmed" className="mono">
            weir_{prefix}_…
          </Text>
        </>
      ),
    },
    { key: 'role', title: 'Role', visibleFrom: 'sm', render: ({ role }) => toTitle(role) },
    {
      key: 'state',
      title: 'State',
      render: ({ state }) => <ToneBadge tone={STATE_TONES[state]}>{toTitle(state)}</ToneBadge>,
    },
    {
      key: 'expires',
      title: 'Expires',
      align: 'right',
      visibleFrom: 'sm',
      render: ({ expiresAt }) => <TimeText time={expiresAt} fallback="never" />,
    },
    {
      key: 'used',
      title: 'Last used',
      align: 'right',
      visibleFrom: 'sm',
      render: ({ lastUsedAt }) => <TimeText time={lastUsedAt} fallback="never" />,
    },
    {
      key: 'created',
      order: 'created',
      title: 'Created',
      align: 'right',
      visibleFrom: 'md',
      render: ({ createdAt, createdBy }) => (
        <>
          <TimeText time={createdAt} />
          <Text size="xs" c="dimmed" className="break">
            by {createdBy}
          </Text>
        </>
      ),
    },
    {
      key: 'revoke',
      title: 'Revoke',
      align: 'right',
      render: (key) =>
        key.state === 'revoked' ? null : (
          <Button size="compact-sm" variant="default" aria-label={`Revoke ${key.name}`} onClick={() => onRevoke(key)}>
            Revoke
          </Button>
        ),
    },
  ];
}
