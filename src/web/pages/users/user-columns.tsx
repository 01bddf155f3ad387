import { ActionIcon, Group, Menu, Text } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import type { User } from '#api';
import type { RecordColumn } from '../../components/RecordTable.tsx';
import { TimeText } from '../../components/TimeText.tsx';
import { ToneBadge } from '../../components/ToneBadge.tsx';
import { toTitle } from '../../format.ts';
import type { Tone } from '../../tones.ts';
import { actionsOf, textsOfAction, type UserAction } from './user-action.ts';

const STATE_TONES: Readonly<Record<User['state'], Tone>> = { active: 'green', invited: 'blue', disabled: 'grey' };

/** The columns of the list of users, with a menu of what can be done. */
export function toUserColumns(onAct: (action: UserAction, user: User) => void): readonly RecordColumn<User>[] {
  return [
    {
      key: 'name',
      order: 'name',
      title: 'Name',
      render: ({ name, origin }) => (
        <>
          <Text size="sm" fw={550} className="break">
            {name}
          </Text>
          {origin === 'oidc' ? (
            <Text size="xs" c="dimmed">
              Identity provider
            </Text>
          ) : null}
        </>
      ),
    },
    { key: 'role', title: 'Role', render: ({ role }) => toTitle(role) },
    {
      key: 'state',
      title: 'State',
      render: ({ state }) => <ToneBadge tone={STATE_TONES[state]}>{toTitle(state)}</ToneBadge>,
    },
    {
      key: 'login',
      title: 'Last login',
      align: 'right',
      visibleFrom: 'sm',
      render: ({ lastLoginAt }) => <TimeText time={lastLoginAt} fallback="never" />,
    },
    {
      key: 'sessions',
      title: 'Sessions',
      align: 'right',
      visibleFrom: 'md',
      render: ({ sessions }) => <span className="tabular">{sessions}</span>,
    },
    {
      key: 'created',
      order: 'created',
      title: 'Created',
      align: 'right',
      visibleFrom: 'md',
      render: ({ createdAt }) => <TimeText time={createdAt} />,
    },
    {
      key: 'change',
      title: 'Change',
      align: 'right',
      render: (user) => <ChangeMenu user={user} onAct={onAct} />,
    },
  ];
}

interface ChangeMenuProps {
  readonly user: User;
  readonly onAct: (action: UserAction, user: User) => void;
}

function ChangeMenu({ user, onAct }: ChangeMenuProps) {
  return (
    <Group justify="flex-end">
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`Change ${user.name}`}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {actionsOf(user).map((action) => (
            <Menu.Item key={action} onClick={() => onAct(action, user)}>
              {textsOfAction(action).action}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}
