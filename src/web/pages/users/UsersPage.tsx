import { Stack } from '@mantine/core';
import { NeedsRole } from '../../access/NeedsRole.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { Keys } from './Keys.tsx';
import { Users } from './Users.tsx';

/** Who may use Weir: people, and programs with keys. */
export function UsersPage() {
  return (
    <>
      <PageHeader title="Users and keys">People log in; programs send a key. A role says what each may do.</PageHeader>
      <NeedsRole needed="admin">
        <Stack gap="lg">
          <Users />
          <Keys />
        </Stack>
      </NeedsRole>
    </>
  );
}
