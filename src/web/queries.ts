import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { RunDetail, RunState, Verdict } from '#api';
import { type Answer, call, type Request } from './client.ts';
import { withChanges } from './run-changes.ts';
import type { PageState } from './table/use-pages.ts';
import { timeZone } from './zone.ts';

/** How often to poll where no event reports changes. */
const SLOW_MS = 15_000;

export type PastPredictionsFilter = Request<'pastPredictions'>['query'];
interface ChecksFilter {
  readonly verdict?: Verdict | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly timezone?: string;
  readonly sort?: Request<'checks'>['query']['sort'];
  readonly search?: string;
}
/** Which page of a list: `request` of its `PageState`. */
type PageRequest = PageState['request'];
interface RunsFilter {
  readonly pipeline?: string | undefined;
  readonly state?: RunState | undefined;
  readonly sort?: Request<'runs'>['query']['sort'];
  readonly search?: string;
}

export const healthQuery = queryOptions({
  queryKey: ['health'],
  queryFn: ({ signal }) => call('health', { signal }),
  refetchInterval: SLOW_MS,
});

export const datasetsQuery = queryOptions({
  queryKey: ['datasets'],
  queryFn: ({ signal }) => call('datasets', { query: {}, signal }),
  refetchInterval: SLOW_MS,
});

/** Files in raw-data. */
export const filesQuery = queryOptions({
  queryKey: ['files'],
  queryFn: ({ signal }) => call('files', { signal }),
  refetchInterval: SLOW_MS,
});

export const projectQuery = queryOptions({
  queryKey: ['project'],
  queryFn: ({ signal }) => call('project', { signal }),
  refetchInterval: SLOW_MS,
});

export const schedulesQuery = queryOptions({
  queryKey: ['schedules'],
  queryFn: ({ signal }) => call('schedules', { signal }),
  refetchInterval: SLOW_MS,
});

export const databaseQuery = queryOptions({
  queryKey: ['database'],
  queryFn: ({ signal }) => call('database', { signal }),
  staleTime: 5 * 60_000,
});

export const contractQuery = queryOptions({
  queryKey: ['contract'],
  queryFn: ({ signal }) => call('contract', { signal }),
  staleTime: 5 * 60_000,
});

export const modelsQuery = queryOptions({
  queryKey: ['models'],
  queryFn: ({ signal }) => call('models', { signal }),
  refetchInterval: SLOW_MS * 2,
});

export const performanceQuery = (days: number, version?: string) =>
  queryOptions({
    queryKey: ['performance', days, version],
    queryFn: ({ signal }) =>
      call('performance', {
        query: { days, timezone: timeZone(), ...(version === undefined ? {} : { version }) },
        signal,
      }),
    refetchInterval: SLOW_MS * 4,
  });

/** The newest windows of a model version, of the champion unless given. */
export const driftQuery = (version: number | undefined) =>
  queryOptions({
    queryKey: ['drift', version],
    queryFn: ({ signal }) => call('drift', { query: version === undefined ? {} : { version }, signal }),
    refetchInterval: SLOW_MS * 4,
    placeholderData: keepPreviousData,
  });

/** A window of the past: it was judged once and stays as it is. */
export const driftWindowQuery = (id: string) =>
  queryOptions({
    queryKey: ['drift-window', id],
    queryFn: ({ signal }) => call('driftWindow', { params: { id }, signal }),
    staleTime: 60_000,
  });

export const dashboardsQuery = queryOptions({
  queryKey: ['dashboards'],
  queryFn: ({ signal }) => call('dashboards', { signal }),
  staleTime: 5 * 60_000,
});

/** The rows of a dashboard over a window that ends now, which are read again and again, or over one in the past. */
export const dashboardRowsQuery = (id: string, query: Request<'dashboard'>['query'], refreshSeconds: number) =>
  queryOptions({
    queryKey: ['dashboard', id, query],
    queryFn: ({ signal }) => call('dashboard', { params: { id }, query, signal }),
    refetchInterval: query.to === undefined ? Math.max(refreshSeconds, 1) * 1000 : (false as const),
    placeholderData: keepPreviousData,
  });

/** The newest runs of one pipeline, or of all. */
export const latestRunsQuery = (filter: RunsFilter & { readonly limit: number }) =>
  queryOptions({
    queryKey: ['runs', 'latest', filter],
    queryFn: ({ signal }) => call('runs', { query: filter, signal }),
    refetchInterval: SLOW_MS,
  });

export const runsQuery = (filter: RunsFilter, page: PageRequest) =>
  queryOptions({
    queryKey: ['runs', 'all', filter, page],
    queryFn: ({ signal }) => call('runs', { query: { ...filter, ...page }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: SLOW_MS,
  });

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ['run', id],
    queryFn: async ({ signal, client, queryKey }) => {
      const known = client.getQueryData<RunDetail>(queryKey);
      const query = known === undefined ? {} : { changedSince: known.asOf };
      return withChanges(known, await call('run', { params: { id }, query, signal }));
    },
    // Not after an error: polling would replace the message by placeholders every few seconds.
    refetchInterval: ({ state }) => (state.status !== 'error' && state.data?.endedAt == null ? 3_000 : false),
  });

/** What a task run made; asked again when its state changes. */
export const taskRunResultQuery = ({
  id,
  goal,
  state,
}: {
  readonly id: string;
  readonly goal: string;
  readonly state: string;
}) =>
  queryOptions({
    queryKey: ['task-run', id, goal, state],
    queryFn: ({ signal }) => call('taskRunResult', { params: { id, goal }, signal }),
    staleTime: 60_000,
  });

export const checksQuery = (filter: ChecksFilter, page: PageRequest) =>
  queryOptions({
    queryKey: ['checks', 'all', filter, page],
    queryFn: ({ signal }) => call('checks', { query: { ...filter, ...page }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: SLOW_MS,
  });

export const latestChecksQuery = (limit: number) =>
  queryOptions({
    queryKey: ['checks', 'latest', limit],
    queryFn: ({ signal }) => call('checks', { query: { limit }, signal }),
    refetchInterval: SLOW_MS,
  });

/** Checked files that a search finds. */
export const foundFilesQuery = (asked: { readonly search: string; readonly limit: number }) =>
  queryOptions({
    queryKey: ['checks', 'found', asked],
    queryFn: ({ signal }) => call('checks', { query: asked, signal }),
  });

export const checkQuery = (id: string) =>
  queryOptions({
    queryKey: ['check', id],
    queryFn: ({ signal }) => call('check', { params: { id }, signal }),
    staleTime: 60_000,
  });

export const pastPredictionsQuery = (filter: PastPredictionsFilter, page: PageRequest) =>
  queryOptions({
    queryKey: ['past-predictions', 'all', filter, page],
    queryFn: ({ signal }) => call('pastPredictions', { query: { ...filter, ...page }, signal }),
    placeholderData: keepPreviousData,
  });

/** One prediction with all that is known of it. */
export const pastPredictionQuery = (id: string) =>
  queryOptions({
    queryKey: ['past-predictions', 'one', id],
    queryFn: ({ signal }) => call('pastPrediction', { params: { id }, signal }),
  });

/** How many predictions a filter finds: estimated where there are many, or counted. */
export const pastTotalQuery = (filter: PastPredictionsFilter, total: 'estimate' | 'exact') =>
  queryOptions({
    queryKey: ['past-predictions', 'total', filter, total],
    queryFn: async ({ signal }) =>
      (await call('pastPredictions', { query: { ...filter, total, limit: 1 }, signal })).total ?? null,
    staleTime: 60_000,
  });

export const latestPredictionsQuery = (limit: number) =>
  queryOptions({
    queryKey: ['past-predictions', 'latest', limit],
    queryFn: ({ signal }) => call('pastPredictions', { query: { limit }, signal }),
    refetchInterval: SLOW_MS,
  });

export const alertsQuery = (filter: { readonly search?: string }, page: PageRequest) =>
  queryOptions({
    queryKey: ['alerts', 'all', filter, page],
    queryFn: ({ signal }) => call('alerts', { query: { ...filter, ...page }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: SLOW_MS,
  });

export const latestAlertsQuery = (limit: number) =>
  queryOptions({
    queryKey: ['alerts', 'latest', limit],
    queryFn: ({ signal }) => call('alerts', { query: { limit }, signal }),
    refetchInterval: SLOW_MS,
  });

export const alertRulesQuery = queryOptions({
  queryKey: ['alert-rules', 'all'],
  queryFn: ({ signal }) => call('alertRules', { signal }),
  refetchInterval: SLOW_MS,
});

/** What a new rule can watch. */
export const alertRuleKindsQuery = queryOptions({
  queryKey: ['alert-rule-kinds'],
  queryFn: ({ signal }) => call('alertRuleKinds', { signal }),
  staleTime: 5 * 60_000,
});

export const alertRuleHistoryQuery = (rule: string) =>
  infiniteQueryOptions({
    queryKey: ['alert-rules', 'history', rule],
    queryFn: ({ pageParam, signal }) =>
      call('alertRuleHistory', { params: { rule }, query: { ...cursor(pageParam), limit: 20 }, signal }),
    initialPageParam: '',
    getNextPageParam: (page: Answer<'alertRuleHistory'>) => page.nextCursor,
    refetchInterval: SLOW_MS,
  });

/** Workers beat every few seconds, and what they do changes as often. */
export const workersQuery = queryOptions({
  queryKey: ['workers'],
  queryFn: ({ signal }) => call('workers', { signal }),
  refetchInterval: SLOW_MS / 3,
});

export const alertChannelsQuery = queryOptions({
  queryKey: ['alert-channels'],
  queryFn: ({ signal }) => call('alertChannels', { signal }),
  refetchInterval: SLOW_MS,
});

/** The newest attempts to send an alert. */
export const alertAttemptsQuery = (id: string) =>
  queryOptions({
    queryKey: ['alerts', 'attempts', id],
    queryFn: ({ signal }) => call('alertAttempts', { params: { id }, query: { limit: 50 }, signal }),
    refetchInterval: SLOW_MS,
  });

export const ownSessionsQuery = queryOptions({
  queryKey: ['own-sessions'],
  queryFn: ({ signal }) => call('ownSessions', { signal }),
});

export const usersQuery = (asked: Request<'users'>['query']) =>
  queryOptions({
    queryKey: ['users', asked],
    queryFn: ({ signal }) => call('users', { query: asked, signal }),
    placeholderData: keepPreviousData,
  });

export const apiKeysQuery = (asked: Request<'apiKeys'>['query']) =>
  queryOptions({
    queryKey: ['api-keys', asked],
    queryFn: ({ signal }) => call('apiKeys', { query: asked, signal }),
    placeholderData: keepPreviousData,
  });

export const auditLogQuery = (asked: Request<'auditLog'>['query']) =>
  queryOptions({
    queryKey: ['audit-log', asked],
    queryFn: ({ signal }) => call('auditLog', { query: asked, signal }),
    placeholderData: keepPreviousData,
  });

// `cursor: undefined` is not the same as no cursor under exactOptionalPropertyTypes.
function cursor(pageParam: string): { readonly cursor?: string } {
  return pageParam === '' ? {} : { cursor: pageParam };
}
