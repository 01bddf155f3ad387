import { Button, Divider, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { SessionAnswer } from '#api';
import { call } from '../client.ts';
import { enter } from '../session.ts';
import { maybeProblemText, toAddressAfterLogin } from './login-words.ts';
import { Refused } from './Refused.tsx';

/** Logs in with a password, at the identity provider, or either. */
export function LoginForm({ login }: { readonly login: SessionAnswer['login'] }) {
  const after = toAddressAfterLogin(window.location);
  const problem = maybeProblemText(new URLSearchParams(window.location.search).get('problem'));
  return (
    <Stack gap="md">
      <Refused>{problem}</Refused>
      {login.oidc === null ? null : (
        <Button component="a" href={`${login.oidc.path}?to=${encodeURIComponent(after)}`} size="md">
          Log in with {login.oidc.title}
        </Button>
      )}
      {login.oidc !== null && login.hasPasswords ? <Divider label="or" /> : null}
      {login.hasPasswords ? <PasswordForm after={after} isFirst={login.oidc === null} /> : null}
      <Text size="xs" c="dimmed">
        No user yet? Open the link that Weir printed at its start, and become the first admin.
      </Text>
    </Stack>
  );
}

function PasswordForm({ after, isFirst }: { readonly after: string; readonly isFirst: boolean }) {
  const client = useQueryClient();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const logIn = useMutation({
    mutationFn: () => call('logIn', { body: { name, password } }),
    onSuccess: (session) => {
      window.history.replaceState({}, '', after);
      enter(client, session);
    },
    onError: () => setPassword(''),
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        logIn.mutate();
      }}
    >
      <Stack gap="sm">
        <Refused>{logIn.error?.message}</Refused>
        <TextInput
          label="Name"
          name="username"
          autoComplete="username"
          autoFocus={isFirst}
          required
          withAsterisk={false}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <PasswordInput
          label="Password"
          name="password"
          autoComplete="current-password"
          required
          withAsterisk={false}
          visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
        <Button type="submit" variant={isFirst ? 'filled' : 'default'} size="md" loading={logIn.isPending}>
          Log in
        </Button>
      </Stack>
    </form>
  );
}
