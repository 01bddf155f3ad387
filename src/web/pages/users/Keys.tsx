import { Button, Text } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type ApiKey, apiKeysSort } from '#api';
import { type Answer, call } from '../../client.ts';
import { Empty, Failed, LoadingRows } from '../../components/Notice.tsx';
import { Pages } from '../../components/Pages.tsx';
import { ReasonDialog } from '../../components/ReasonDialog.tsx';
import { RecordTable } from '../../components/RecordTable.tsx';
import { Section } from '../../components/Section.tsx';
import { apiKeysQuery } from '../../queries.ts';
import { listSort } from '../../table/list-sort.ts';
import { usePages } from '../../table/use-pages.ts';
import { toListQuery, useTableState } from '../../table/use-table-state.ts';
import { toKeyColumns } from './key-columns.tsx';
import { NewKeyDialog } from './NewKeyDialog.tsx';
import { SecretOnce } from './SecretOnce.tsx';

const NEWEST = { key: 'created', isDescending: true };
const SORT = listSort(apiKeysSort);

/** API keys of programs; an admin creates and revokes them here. */
export function Keys() {
  const client = useQueryClient();
  const table = useTableState('keys');
  const filter = toListQuery(table, SORT);
  const pages = usePages('keys', filter);
  const { data, error, refetch } = useQuery(apiKeysQuery({ ...filter, ...pages.request }));
  const [asked, setAsked] = useState<ApiKey | 'new'>();
  const [made, setMade] = useState<Answer<'createApiKey'>>();
  const close = () => setAsked(undefined);
  const onDone = (next?: Answer<'createApiKey'>) => {
    close();
    setMade(next);
    void client.invalidateQueries({ queryKey: ['api-keys'] });
  };
  return (
    <Section
      title="API keys"
      aside={
        <Button size="xs" leftSection={<IconKey size={14} />} onClick={() => setAsked('new')}>
          Create a key
        </Button>
      }
    >
      {made === undefined ? null : (
        <SecretOnce title={`The key of ${made.apiKey.name}`} secret={made.secret} onDone={() => setMade(undefined)}>
          Keep it where the program reads its secrets: it is shown only now. It goes into the header authorization, as
          Bearer and the key.
        </SecretOnce>
      )}
      {data === undefined ? (
        error === null ? (
          <LoadingRows rows={4} />
        ) : (
          <Failed what="The API keys" error={error} onRetry={() => void refetch()} />
        )
      ) : data.items.length === 0 && table.search === '' ? (
        <Empty icon={<IconKey size={22} />} title="No API key yet">
          A program that calls the API from another machine sends a key of its own.
        </Empty>
      ) : (
        <RecordTable
          name="keys"
          label="API keys"
          columns={toKeyColumns(setAsked)}
          records={data.items}
          toKey={({ id }) => id}
          servedBy={NEWEST}
        />
      )}
      <Pages label="API keys" pages={pages} answer={data} isSearch={table.search !== ''} />
      {asked === undefined ? null : asked === 'new' ? (
        <NewKeyDialog onDone={onDone} onClose={close} />
      ) : (
        <RevokeDialog apiKey={asked} onDone={() => onDone()} onClose={close} />
      )}
    </Section>
  );
}

interface RevokeDialogProps {
  readonly apiKey: ApiKey;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

function RevokeDialog({ apiKey, onDone, onClose }: RevokeDialogProps) {
  const revoke = useMutation({
    mutationFn: (reason: string) => call('revokeApiKey', { params: { id: apiKey.id }, body: { reason } }),
    onSuccess: onDone,
  });
  return (
    <ReasonDialog
      title={`Revoke the key of ${apiKey.name}`}
      effect="Requests with it are refused from now on. It cannot be enabled again."
      action="Revoke"
      isPending={revoke.isPending}
      problem={revoke.error?.message}
      onConfirm={(reason) => revoke.mutate(reason)}
      onClose={onClose}
    >
      <Text size="sm" c="dimmed" className="mono">
        weir_{apiKey.prefix}_…
      </Text>
    </ReasonDialog>
  );
}
