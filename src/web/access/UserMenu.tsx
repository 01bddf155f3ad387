import { ActionIcon, Menu, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconClipboardList, IconLogout, IconUser, IconUserCircle, IconUsers } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Identity } from '#api';
import { call } from '../client.ts';
import { enter, useHasRole } from '../session.ts';

const SIZE = 16;

/** Who is logged in and as what, and what they can do about it. */
export function UserMenu({ identity }: { readonly identity: Identity }) {
  const client = useQueryClient();
  const isAdmin = useHasRole('admin');
  const logOut = useMutation({
    mutationFn: () => call('logOut', { body: {} }),
    onSuccess: (session) => enter(client, session),
    onError: (error) => notifications.show({ color: 'red', title: 'You are still logged in', message: error.message }),
  });
  return (
    <Menu position="bottom-end" shadow="md" width={240}>
      <Menu.Target>
        <ActionIcon size="lg" aria-label={`${identity.name}, ${identity.role}`} loading={logOut.isPending}>
          <IconUser size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Text size="sm" fw={600} px="sm" pt={6} className="break">
          {identity.name}
        </Text>
        <Text size="xs" c="dimmed" px="sm" pb={6}>
          {toRoleText(identity.role)}
        </Text>
        <Menu.Divider />
        <Menu.Item component={Link} to="/account" leftSection={<IconUserCircle size={SIZE} />}>
          Password and sessions
        </Menu.Item>
        {isAdmin ? (
          <>
            <Menu.Item component={Link} to="/users" leftSection={<IconUsers size={SIZE} />}>
              Users and keys
            </Menu.Item>
            <Menu.Item component={Link} to="/audit-log" leftSection={<IconClipboardList size={SIZE} />}>
              Audit log
            </Menu.Item>
          </>
        ) : null}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={SIZE} />} onClick={() => logOut.mutate()}>
          Log out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** A role with what it may do. */
export function toRoleText(role: Identity['role']): string {
  switch (role) {
    case 'viewer':
      return 'Viewer: reads';
    case 'operator':
      return 'Operator: reads, and changes how work runs';
    case 'admin':
      return 'Admin: all that, and manages users and keys';
    default:
      return role satisfies never;
  }
}
