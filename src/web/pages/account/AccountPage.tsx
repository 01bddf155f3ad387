import { Button, Card, Group, PasswordInput, SimpleGrid, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconUserOff } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { SessionAnswer } from '#api';
import { NewPassword, type NewPasswordValue } from '../../access/NewPassword.tsx';
import { Refused } from '../../access/Refused.tsx';
import { toRoleText } from '../../access/UserMenu.tsx';
import { call } from '../../client.ts';
import { CopyTime } from '../../components/CopyTime.tsx';
import { FactList } from '../../components/FactList.tsx';
import { Empty } from '../../components/Notice.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { Section } from '../../components/Section.tsx';
import { enter, sessionQuery } from '../../session.ts';
import { OwnSessions } from './OwnSessions.tsx';

/** Who I am: role, password and sessions. */
export function AccountPage() {
  const session = useQuery(sessionQuery).data;
  return (
    <>
      <PageHeader title="Your account">Your role, your password and where you are logged in</PageHeader>
      {session?.session == null || session.identity === null ? (
        <Card>
          <Empty icon={<IconUserOff size={22} />} title="No login here">
            On the machine of Weir nobody needs to log in, and everything may be done.
          </Empty>
        </Card>
      ) : (
        <Account identity={session.identity} session={session.session} />
      )}
    </>
  );
}

interface AccountProps {
  readonly identity: NonNullable<SessionAnswer['identity']>;
  readonly session: NonNullable<SessionAnswer['session']>;
}

function Account({ identity, session }: AccountProps) {
  return (
    <Stack gap="lg">
      <Card>
        <FactList
          facts={[
            { name: 'Name', value: identity.name },
            { name: 'Role', value: toRoleText(identity.role) },
            { name: 'This session ends', value: <CopyTime time={session.endsAt} /> },
            { name: 'Or, when unused', value: <CopyTime time={session.idleEndsAt} /> },
          ]}
        />
      </Card>
      <SimpleGrid cols={{ base: 1, md: session.hasPassword ? 2 : 1 }} spacing="lg" style={{ alignItems: 'start' }}>
        {session.hasPassword ? (
          <Section title="Password">
            <PasswordForm />
          </Section>
        ) : null}
        <Section title="Sessions" aside={<LogOutEverywhere />}>
          <OwnSessions />
        </Section>
      </SimpleGrid>
    </Stack>
  );
}

function PasswordForm() {
  const client = useQueryClient();
  const [present, setPresent] = useState('');
  const [next, setNext] = useState<NewPasswordValue>();
  // The fields are emptied by being made again.
  const [changes, setChanges] = useState(0);
  const change = useMutation({
    mutationFn: (nextPassword: string) => call('changePassword', { body: { presentPassword: present, nextPassword } }),
    onSuccess: (session) => {
      enter(client, session);
      void client.invalidateQueries({ queryKey: ['own-sessions'] });
      setPresent('');
      setNext(undefined);
      setChanges(changes + 1);
      notifications.show({ title: 'Your password is changed', message: 'Your other sessions have ended.' });
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (next !== undefined) change.mutate(next);
      }}
    >
      <Stack gap="sm" px="md" pb="md" maw={420}>
        <Refused>{change.error?.message}</Refused>
        <PasswordInput
          label="Present password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
          value={present}
          onChange={(event) => setPresent(event.currentTarget.value)}
        />
        <NewPassword key={changes} onChange={setNext} />
        <Group gap="sm">
          <Button type="submit" loading={change.isPending} disabled={present === '' || next === undefined}>
            Change the password
          </Button>
          <Text size="xs" c="dimmed">
            Your other sessions end.
          </Text>
        </Group>
      </Stack>
    </form>
  );
}

function LogOutEverywhere() {
  const client = useQueryClient();
  const logOut = useMutation({
    mutationFn: () => call('logOut', { body: { everywhere: true } }),
    onSuccess: (session) => enter(client, session),
    onError: (error) => notifications.show({ color: 'red', title: 'You are still logged in', message: error.message }),
  });
  return (
    <Button size="compact-sm" variant="default" loading={logOut.isPending} onClick={() => logOut.mutate()}>
      Log out everywhere
    </Button>
  );
}
