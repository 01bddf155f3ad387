import { Box, Card, Center, Group, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { pages, type SessionAnswer } from '#api';
import { LoginForm } from './LoginForm.tsx';
import { SetupForm } from './SetupForm.tsx';

/** What somebody sees who has not logged in: the login or, behind a one-time link, the choice of a password. */
export function Entrance({ session }: { readonly session: SessionAnswer }) {
  if (window.location.pathname === pages.setup)
    return (
      <Frame title="Choose your password">
        <SetupForm />
      </Frame>
    );
  return (
    <Frame title="Log in">
      <LoginForm login={session.login} />
    </Frame>
  );
}

function Frame({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Weir`;
  }, [title]);
  return (
    <Center component="main" mih="100dvh" p="md">
      <Box w="100%" maw={400}>
        <Group gap={10} justify="center" mb="lg">
          <img src="/weir.svg" alt="" width={32} height={32} />
          <Text fw={650} fz={20} component="span">
            Weir
          </Text>
        </Group>
        <Card padding="lg">
          <Stack gap="md">
            <Title order={1} fz={20}>
              {title}
            </Title>
            {children}
          </Stack>
        </Card>
      </Box>
    </Center>
  );
}
