import { Button } from '@mantine/core';
import { IconUserPlus, IconUsers } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { setupPath, type User, usersSort } from '#api';
import type { Answer } from '../../client.ts';
import { Empty, Failed, LoadingRows } from '../../components/Notice.tsx';
import { Pages } from '../../components/Pages.tsx';
import { RecordTable } from '../../components/RecordTable.tsx';
import { Section } from '../../components/Section.tsx';
import { usersQuery } from '../../queries.ts';
import { listSort } from '../../table/list-sort.ts';
import { usePages } from '../../table/use-pages.ts';
import { toListQuery, useTableState } from '../../table/use-table-state.ts';
import { NewUserDialog } from './NewUserDialog.tsx';
import { SecretOnce } from './SecretOnce.tsx';
import { UserActionDialog } from './UserActionDialog.tsx';
import type { UserAction } from './user-action.ts';
import { toUserColumns } from './user-columns.tsx';

const BY_NAME = { key: 'name', isDescending: false };
const SORT = listSort(usersSort);

type Asked = { readonly kind: 'new' } | { readonly kind: UserAction; readonly user: User };
type Invited = Answer<'createUser'>;

/** Users with their role and state; an admin invites and changes them here. */
export function Users() {
  const client = useQueryClient();
  const table = useTableState('users');
  const filter = toListQuery(table, SORT);
  const pages = usePages('users', filter);
  const { data, error, refetch } = useQuery(usersQuery({ ...filter, ...pages.request }));
  const [asked, setAsked] = useState<Asked>();
  const [invited, setInvited] = useState<Invited>();
  const close = () => setAsked(undefined);
  const onDone = (next?: Invited) => {
    close();
    setInvited(next);
    void client.invalidateQueries({ queryKey: ['users'] });
  };
  return (
    <Section
      title="Users"
      aside={
        <Button size="xs" leftSection={<IconUserPlus size={14} />} onClick={() => setAsked({ kind: 'new' })}>
          Invite a user
        </Button>
      }
    >
      {invited === undefined ? null : (
        <SecretOnce
          title={`One-time link for ${invited.user.name}`}
          secret={toLink(invited)}
          onDone={() => setInvited(undefined)}
        >
          Hand it over by a safe way: whoever opens it first chooses the password. It is shown only now.
        </SecretOnce>
      )}
      {data === undefined ? (
        error === null ? (
          <LoadingRows rows={4} />
        ) : (
          <Failed what="The users" error={error} onRetry={() => void refetch()} />
        )
      ) : data.items.length === 0 && table.search === '' ? (
        <Empty icon={<IconUsers size={22} />} title="No user yet">
          Whoever you invite gets a one-time link, with which they choose their password.
        </Empty>
      ) : (
        <RecordTable
          name="users"
          label="Users"
          columns={toUserColumns((kind, user) => setAsked({ kind, user }))}
          records={data.items}
          toKey={({ id }) => id}
          servedBy={BY_NAME}
        />
      )}
      <Pages label="Users" pages={pages} answer={data} isSearch={table.search !== ''} />
      {asked === undefined ? null : asked.kind === 'new' ? (
        <NewUserDialog onDone={onDone} onClose={close} />
      ) : (
        <UserActionDialog user={asked.user} action={asked.kind} onDone={onDone} onClose={close} />
      )}
    </Section>
  );
}

function toLink({ user: { name }, setupToken }: Invited): string {
  return window.location.origin + setupPath({ token: setupToken, name });
}
