import { Box, Button, Group, Menu, Select } from '@mantine/core';
import { IconPlayerPlay, IconRoute } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { runState, runsSort } from '#api';
import { Empty, Failed, LoadingRows } from '../../components/Notice.tsx';
import { PageHeader } from '../../components/PageHeader.tsx';
import { Pages } from '../../components/Pages.tsx';
import { RecordTable } from '../../components/RecordTable.tsx';
import { RunSquares } from '../../components/RunSquares.tsx';
import { Section } from '../../components/Section.tsx';
import { stateLook } from '../../components/states.tsx';
import { latestRunsQuery, projectQuery, runsQuery } from '../../queries.ts';
import { fromFirstPage } from '../../search.ts';
import { usePermission } from '../../session.ts';
import { usePages } from '../../table/use-pages.ts';
import { toListQuery, useTableState } from '../../table/use-table-state.ts';
import { timeZone } from '../../zone.ts';
import { BulkRetry } from './BulkRetry.tsx';
import { RUN_COLUMNS } from './run-columns.tsx';
import { StartButton, useStart } from './StartButton.tsx';

const route = getRouteApi('/runs');
const BY_TIME = { key: 'created', isDescending: true };
/** As many as can be told apart on a phone. */
const SQUARES = 60;
const STATES = runState.options.map((state) => ({ value: state, label: stateLook(state).word }));

/** Runs of all pipelines, newest first. */
export function RunsPage() {
  const search = route.useSearch();
  const navigate = useNavigate();
  const table = useTableState('runs');
  const { pipeline, state } = search;
  const filter = { pipeline, state, ...toListQuery(table, runsSort) };
  const pages = usePages('runs', filter);
  const query = useQuery(runsQuery(filter, pages.request));
  const items = query.data?.items ?? [];
  const isFiltered = search.pipeline !== undefined || search.state !== undefined;
  return (
    <>
      <PageHeader title="Runs" actions={<Actions />}>
        Times are those of {timeZone()}
      </PageHeader>
      {query.error !== null && query.data === undefined ? (
        <Failed what="The runs" error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <Section
          title={search.pipeline === undefined ? 'All pipelines' : search.pipeline}
          aside={<BulkRetry runs={items} />}
        >
          {pipeline === undefined ? null : <Strip pipeline={pipeline} />}
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
          <Pages label="Runs" pages={pages} answer={query.data} isSearch={table.search !== ''} />
        </Section>
      )}
    </>
  );
}

/** The last runs of a pipeline at a glance, whatever the list below is narrowed to. */
function Strip({ pipeline }: { readonly pipeline: string }) {
  const runs = useQuery(latestRunsQuery({ pipeline, limit: SQUARES })).data?.items;
  return (
    <Box component="section" aria-label={`The last runs of ${pipeline}`} px="md" pb="sm">
      <RunSquares runs={runs} count={SQUARES} />
    </Box>
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
            search: ({ pipeline: _old, ...others }) =>
              fromFirstPage(next === null ? others : { ...others, pipeline: next }),
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
              return fromFirstPage(chosen.success ? { ...others, state: chosen.data } : others);
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
  const permission = usePermission('startRun');
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <Button leftSection={<IconPlayerPlay size={16} />} disabled={pipelines.length === 0} {...permission}>
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
