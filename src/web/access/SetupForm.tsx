import { Button, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../client.ts';
import { enter } from '../session.ts';
import { NewPassword, type NewPasswordValue } from './NewPassword.tsx';
import { Refused } from './Refused.tsx';

/** Sets the password of the user that a one-time link is for; at the first start, of the first admin. */
export function SetupForm() {
  const client = useQueryClient();
  const link = new URLSearchParams(window.location.hash.slice(1));
  const token = link.get('token') ?? '';
  const known = link.get('name') ?? '';
  const [name, setName] = useState(known);
  const [password, setPassword] = useState<NewPasswordValue>();
  const setUp = useMutation({
    mutationFn: (chosen: string) =>
      call('setUp', { body: { token, password: chosen, ...(known === '' ? { name: name.trim() } : {}) } }),
    onSuccess: (session) => {
      // The token is used up, and is nobody's to read.
      window.history.replaceState({}, '', '/');
      enter(client, session);
    },
  });
  if (token === '')
    return (
      <Refused>This address lacks its one-time token. Open the whole link that you were given, up to its end.</Refused>
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (password !== undefined) setUp.mutate(password);
      }}
    >
      <Stack gap="sm">
        <Text size="sm" c="dimmed">
          {known === '' ? 'You become the first admin, who invites others.' : 'With it you log in from now on.'}
        </Text>
        <Refused>{setUp.error?.message}</Refused>
        <TextInput
          label="Name"
          name="username"
          autoComplete="username"
          description={known === '' ? 'What you log in with; it is put on record for what you change' : undefined}
          readOnly={known !== ''}
          required
          withAsterisk={false}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <NewPassword onChange={setPassword} />
        <Button
          type="submit"
          size="md"
          loading={setUp.isPending}
          disabled={password === undefined || name.trim() === ''}
        >
          Set the password and log in
        </Button>
      </Stack>
    </form>
  );
}
