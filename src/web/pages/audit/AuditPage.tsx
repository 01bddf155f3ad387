import { Group, Select, TextInput } from '@mantine/core';
import { IconClipboardList, IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { auditOutcome, auditRoutes } from '#api';
import { NeedsRole } from '../../access/NeedsRole.tsx';
import { toUrl } from '../../client.ts';
import { DayRange } from '../../components/DayRange.tsx';
import { Empty, Failed, LoadingRows } from '../../components/Notice.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { Pages } from '../../components/Pages.tsx';
import { RecordTable } from '../../components/RecordTable.tsx';
import { Section } from '../../components/Section.tsx';
import { toTitle } from '../../format.ts';
import { auditLogQuery } from '../../queries.ts';
import { type AuditSearch, fromFirstPage } from '../../search.ts';
import { listSort } from '../../table/list-sort.ts';
import { usePages } from '../../table/use-pages.ts';
import { toListQuery, useTableState } from '../../table/use-table-state.ts';
import { timeZone } from '../../zone.ts';
import { AuditDrawer } from './AuditDrawer.tsx';
import { AUDIT_COLUMNS } from './audit-columns.tsx';

const route = getRouteApi('/audit-log');
const NEWEST = { key: 'at', isDescending: true };
const SORT = listSort(['at']);
const OUTCOMES = auditOutcome.options.map((value) => ({ value, label: toTitle(value) }));

/** Who changed what, and who tried to. */
export function AuditPage() {
  return (
    <>
      <PageHeader title="Audit log" actions={<Filters />}>
        Every change and who made it, also those that were refused; times are those of {timeZone()}
      </PageHeader>
      <NeedsRole needed="admin">
        <Entries />
      </NeedsRole>
    </>
  );
}

function Entries() {
  const { actor, action, outcome, from, to, entry } = route.useSearch();
  const navigate = route.useNavigate();
  const table = useTableState('audit');
  const narrowed = { actor, action, outcome, from, to, timezone: timeZone() };
  const filter = { ...narrowed, ...toListQuery(table, SORT) };
  const pages = usePages('audit', filter);
  const { data, error, refetch } = useQuery(auditLogQuery({ ...filter, ...pages.request }));
  const open = (id: string | undefined) =>
    void navigate({
      resetScroll: false,
      search: ({ entry: _old, ...others }) => (id === undefined ? others : { ...others, entry: id }),
    });
  return (
    <Section
      title="Changes"
      aside={
        <a href={toUrl(auditRoutes.auditLogFile, { query: narrowed })} download className="text-link">
          <IconDownload size={14} /> CSV
        </a>
      }
    >
      {data === undefined ? (
        error === null ? (
          <LoadingRows rows={10} />
        ) : (
          <Failed what="The audit log" error={error} onRetry={() => void refetch()} />
        )
      ) : data.items.length === 0 && table.search === '' ? (
        <Empty icon={<IconClipboardList size={22} />} title="No change found">
          What people and programs change appears here, with its reason.
        </Empty>
      ) : (
        <RecordTable
          name="audit"
          label="Changes"
          columns={AUDIT_COLUMNS}
          records={data.items}
          toKey={({ id }) => id}
          servedBy={NEWEST}
          onOpen={({ id }) => open(id)}
        />
      )}
      <Pages label="Changes" pages={pages} answer={data} isSearch={table.search !== ''} />
      <AuditDrawer entry={data?.items.find(({ id }) => id === entry)} onClose={() => open(undefined)} />
    </Section>
  );
}

function Filters() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = (changes: { readonly [K in keyof AuditSearch]?: AuditSearch[K] | undefined }) =>
    void navigate({
      replace: true,
      search: (before) => {
        const merged = { ...fromFirstPage(before), ...changes };
        return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined && value !== ''));
      },
    });
  const typed = (key: 'actor' | 'action', label: string) => (
    <TextInput
      key={`${key} ${search[key] ?? ''}`}
      label={label}
      placeholder="All"
      w={160}
      defaultValue={search[key] ?? ''}
      onBlur={(event) => change({ [key]: event.currentTarget.value.trim() })}
      onKeyDown={(event) => {
        if (event.key === 'Enter') change({ [key]: event.currentTarget.value.trim() });
      }}
    />
  );
  return (
    <Group gap="sm" align="flex-end">
      {typed('actor', 'Who')}
      {typed('action', 'Action')}
      <Select
        label="Outcome"
        placeholder="All"
        clearable
        w={130}
        data={OUTCOMES}
        value={search.outcome ?? null}
        onChange={(next) => change({ outcome: auditOutcome.safeParse(next).data })}
      />
      <DayRange from={search.from} to={search.to} onChange={change} />
    </Group>
  );
}
