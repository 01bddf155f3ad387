import { PasswordInput } from '@mantine/core';
import { useState } from 'react';
import { PASSWORD_LENGTH_MIN } from '#api';
import { maybePassword, problemsOf } from './new-password.ts';

/** Undefined until it is typed twice alike. */
export type NewPasswordValue = string | undefined;

/** A new password, typed twice. */
export function NewPassword({ onChange }: { readonly onChange: (password: NewPasswordValue) => void }) {
  const [typed, setTyped] = useState({ first: '', second: '' });
  const problems = problemsOf(typed);
  const change = (next: typeof typed) => {
    setTyped(next);
    onChange(maybePassword(next));
  };
  const fieldProps = {
    autoComplete: 'new-password',
    required: true,
    withAsterisk: false,
    visibilityToggleButtonProps: { 'aria-label': 'Show the password' },
  };
  return (
    <>
      <PasswordInput
        {...fieldProps}
        label="New password"
        description={`At least ${PASSWORD_LENGTH_MIN} characters of any kind; a few words are good`}
        error={problems.first}
        value={typed.first}
        onChange={(event) => change({ ...typed, first: event.currentTarget.value })}
      />
      <PasswordInput
        {...fieldProps}
        label="The same again"
        error={problems.second}
        value={typed.second}
        onChange={(event) => change({ ...typed, second: event.currentTarget.value })}
      />
    </>
  );
}
