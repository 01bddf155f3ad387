import { Button, Group, Menu, Select } from '@mantine/core';
import { IconPlayerPlay, IconRoute } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { runState, runsSort } from '#api';
import { LoadMore } from '../../components/LoadMore.tsx';
import { Empty, Failed, LoadingRows } from '../../components/Notice.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { RecordTable } from '../../components/RecordTable.tsx';
import { Section } from '../../components/Section.tsx';
import { stateLook } from '../../components/states.tsx';
import { projectQuery, runsQuery } from '../../queries.ts';
import { toListQuery, useTableState } from '../../table/use-table-state.ts';
import { timeZone } from '../../zone.ts';
import { RUN_COLUMNS } from './run-columns.tsx';
import { StartButton, useStart } from './StartButton.tsx';

const route = getRouteApi('/runs');
const BY_TIME = { key: 'created', isDescending: true };
const STATES = runState.options.map((state) => ({ value: state, label: stateLook(state).word }));

/** Runs of all pipelines, newest first. */
export function RunsPage() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const table = useTableState('runs');
  const { pipeline, state } = search;
  const query = useInfiniteQuery(runsQuery({ pipeline, state, ...toListQuery(table, runsSort) }));
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  const isFiltered = search.pipeline !== undefined || search.state !== undefined;
  return (
    <>
      <PageHeader title="Runs" actions={<Actions />}>
        Times are those of {timeZone()}
      </PageHeader>
      {query.error !== null && query.data === undefined ? (
        <Failed what="The runs" error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Section title={search.pipeline === undefined ? 'All pipelines' : search.pipeline}>
          {query.data === undefined ? (
            <LoadingRows rows={10} />
          ) : items.length === 0 && table.search === '' ? (
            <Empty icon={<IconRoute size={22} />} title={isFiltered ? 'No run matches' : 'Nothing has run yet'}>
              {isFiltered
                ? 'Choose another pipeline or state above, or wait: new runs appear here by themselves.'
                : 'Pipelines run by their schedule and appear here by themselves. You can also start one now.'}
            </Empty>
          ) : (
            <RecordTable
              name="runs"
              label="Runs"
              columns={RUN_COLUMNS}
              records={items}
              toKey={({ id }) => id}
              servedBy={BY_TIME}
              onOpen={({ id }) => void navigate({ to: '/runs/$id', params: { id } })}
            />
          )}
          <LoadMore
            hasMore={query.hasNextPage}
            isLoading={query.isFetchingNextPage}
            onLoad={() => void query.fetchNextPage()}
            isSearch={table.search !== ''}
          />
        </Section>
      )}
    </>
  );
}

function Actions() {
  const { pipeline, state } = route.useSearch();
  const navigate = route.useNavigate();
  const all = useQuery(projectQuery).data?.pipelines ?? [];
  const pipelines = all.map(({ name }) => name);
  // One that requires params is started from the command line, or from the page of an earlier run.
  const startable = all.filter(({ needsParams }) => !needsParams).map(({ name }) => name);
  return (
    <Group gap="sm" align="flex-end">
      <Select
        aria-label="Pipeline"
        placeholder="All pipelines"
        data={pipelines}
        value={pipeline ?? null}
        clearable
        w={170}
        onChange={(next) =>
          void navigate({
            replace: true,
            search: ({ pipeline: _old, ...others }) => (next === null ? others : { ...others, pipeline: next }),
          })
        }
      />
      <Select
        aria-label="State"
        placeholder="All states"
        data={STATES}
        value={state ?? null}
        clearable
        w={150}
        onChange={(next) =>
          void navigate({
            replace: true,
            search: ({ state: _old, ...others }) => {
              const chosen = runState.safeParse(next);
              return chosen.success ? { ...others, state: chosen.data } : others;
            },
          })
        }
      />
      {pipeline === undefined ? (
        <StartMenu pipelines={startable} />
      ) : startable.includes(pipeline) ? (
        <StartButton pipeline={pipeline} />
      ) : null}
    </Group>
  );
}

function StartMenu({ pipelines }: { readonly pipelines: readonly string[] }) {
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <Button leftSection={<IconPlayerPlay size={16} />} disabled={pipelines.length === 0}>
          Start a pipeline
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {pipelines.map((name) => (
          <StartItem key={name} pipeline={name} />
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function StartItem({ pipeline }: { readonly pipeline: string }) {
  const start = useStart(pipeline);
  return <Menu.Item onClick={() => start.mutate()}>{pipeline}</Menu.Item>;
}
