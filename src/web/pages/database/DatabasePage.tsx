import { Card, CopyButton, Stack, Text, UnstyledButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { DatabaseConnection } from '#api';
import { FactList } from '../../components/FactList.tsx';
import { Failed, LoadingRows } from '../../components/Notice.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { type RecordColumn, RecordTable } from '../../components/RecordTable.tsx';
import { Section } from '../../components/Section.tsx';
import { databaseQuery } from '../../queries.ts';

type DocumentedTable = DatabaseConnection['tables'][number];

/** How other programs connect to the database, and what they find there. */
export function DatabasePage() {
  const { data, error, refetch } = useQuery(databaseQuery);
  return (
    <>
      <PageHeader title="Database">Everything but files is in one PostgreSQL, open to your own programs</PageHeader>
      {error !== null && data === undefined ? (
        <Failed what="The address of the database" error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <LoadingRows rows={3} height={90} />
      ) : (
        <Stack gap="md">
          <Connection of={data} />
          <Section title="Tables to rely on">
            <RecordTable
              name="tables"
              label="Tables to rely on"
              columns={COLUMNS}
              records={data.tables}
              toKey={({ name }) => name}
            />
          </Section>
        </Stack>
      )}
    </>
  );
}

function Connection({
  of: { host, port, name, user, passwordFile, psql, duckdb },
}: {
  readonly of: DatabaseConnection;
}) {
  return (
    <Card component="section" aria-label="Connection">
      <Stack gap="md">
        <FactList
          facts={[
            { name: 'Host', value: host },
            { name: 'Port', value: String(port) },
            { name: 'Database', value: name },
            { name: 'User', value: user },
            { name: 'Password', value: passwordFile === null ? 'the one in DATABASE_URL' : `in ${passwordFile}` },
          ]}
        />
        <Line title="In a shell, in the folder of the project" text={psql} />
        <Line title="In DuckDB, with the password in PGPASSWORD" text={duckdb} />
        <Text size="sm" c="dimmed">
          Read as much as you like; what is written by hand is not checked.
        </Text>
      </Stack>
    </Card>
  );
}

/** A line to copy. */
function Line({ title, text }: { readonly title: string; readonly text: string }) {
  return (
    <div>
      <Text size="xs" c="dimmed" mb={4}>
        {title}
      </Text>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <UnstyledButton className="copy-line mono" title="Copy" onClick={copy}>
            <span className="break">{text}</span>
            {copied ? <IconCheck size={15} aria-label="Copied" /> : <IconCopy size={15} />}
          </UnstyledButton>
        )}
      </CopyButton>
    </div>
  );
}

const COLUMNS: readonly RecordColumn<DocumentedTable>[] = [
  {
    key: 'name',
    title: 'Table',
    value: ({ name }) => name,
    render: ({ name }) => <span className="mono nowrap">{name}</span>,
  },
  {
    key: 'description',
    title: 'What it holds',
    value: ({ description }) => description,
    render: ({ description }) => description,
  },
];
