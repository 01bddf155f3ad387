import { IconMapPinQuestion } from '@tabler/icons-react';
import {
  createRootRoute,
  createRoute,
  createRouter,
  type ErrorComponentProps,
  Link,
  Outlet,
  type RouteComponent,
} from '@tanstack/react-router';
import { type FunctionComponent, lazy, Suspense } from 'react';
import { Empty, Failed, LoadingRows } from './components/Notice.tsx';
import { PageHeader } from './components/PageHeader.tsx';
import { Shell } from './components/Shell.tsx';
import { HomePage } from './pages/home/HomePage.tsx';
import { toDashboardSearch, toDataSearch, toPastPredictionsSearch, toRunSearch, toRunsSearch } from './search.ts';

const root = createRootRoute({
  component: () => (
    <Shell>
      <Outlet />
    </Shell>
  ),
});
const loaders: (() => Promise<unknown>)[] = [];

// Not the router's lazyRouteComponent: it reloads the whole page when a chunk is missing, which leaves nothing while Weir restarts.
function lazyPage(load: () => Promise<{ default: FunctionComponent }>): RouteComponent {
  loaders.push(load);
  const Page = lazy(load);
  return () => (
    <Suspense fallback={<LoadingRows />}>
      <Page />
    </Suspense>
  );
}

/** Fetches the code of all pages (charts and graph excepted), so that later clicks need no waiting. */
export function preloadPages(): void {
  for (const load of loaders) load().catch(ignore);
}

// Whoever opens the page tries again and is told.
function ignore(): void {}

const page = { getParentRoute: () => root } as const;

const home = createRoute({ ...page, path: '/', component: HomePage });
const predict = createRoute({
  ...page,
  path: '/predict',
  component: lazyPage(() =>
    import('./pages/predict/PredictPage.tsx').then(({ PredictPage }) => ({ default: PredictPage })),
  ),
});
const pastPredictions = createRoute({
  ...page,
  path: '/past-predictions',
  validateSearch: toPastPredictionsSearch,
  component: lazyPage(() =>
    import('./pages/past-predictions/PastPredictionsPage.tsx').then(({ PastPredictionsPage }) => ({
      default: PastPredictionsPage,
    })),
  ),
});
const runs = createRoute({
  ...page,
  path: '/runs',
  validateSearch: toRunsSearch,
  component: lazyPage(() => import('./pages/runs/RunsPage.tsx').then(({ RunsPage }) => ({ default: RunsPage }))),
});
const run = createRoute({
  ...page,
  path: '/runs/$id',
  validateSearch: toRunSearch,
  component: lazyPage(() => import('./pages/runs/RunPage.tsx').then(({ RunPage }) => ({ default: RunPage }))),
});
const data = createRoute({
  ...page,
  path: '/data',
  validateSearch: toDataSearch,
  component: lazyPage(() => import('./pages/data/DataPage.tsx').then(({ DataPage }) => ({ default: DataPage }))),
});
const models = createRoute({
  ...page,
  path: '/models',
  component: lazyPage(() =>
    import('./pages/models/ModelsPage.tsx').then(({ ModelsPage }) => ({ default: ModelsPage })),
  ),
});
const alerts = createRoute({
  ...page,
  path: '/alerts',
  component: lazyPage(() =>
    import('./pages/alerts/AlertsPage.tsx').then(({ AlertsPage }) => ({ default: AlertsPage })),
  ),
});
const dashboard = createRoute({
  ...page,
  path: '/dashboards/$id',
  validateSearch: toDashboardSearch,
  component: lazyPage(() =>
    import('./pages/dashboards/DashboardPage.tsx').then(({ DashboardPage }) => ({ default: DashboardPage })),
  ),
});

export const router = createRouter({
  routeTree: root.addChildren([home, predict, pastPredictions, runs, run, data, models, alerts, dashboard]),
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultPendingComponent: () => <LoadingRows />,
  defaultErrorComponent: PageFailed,
  defaultNotFoundComponent: NotFound,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

// The words of Chromium, Firefox and Safari when a chunk does not arrive.
const CHUNK_MISSING = /dynamically imported module|Importing a module script failed/;

function PageFailed({ error, reset }: ErrorComponentProps) {
  if (!(error instanceof Error && CHUNK_MISSING.test(error.message)))
    return <Failed what="This page" error={error} onRetry={reset} />;
  const message =
    'Its code could not be loaded: Weir is not running, or was updated since this tab was opened. Check that it runs, then try again.';
  return (
    <Failed what="This page" error={new Error(message, { cause: error })} onRetry={() => window.location.reload()} />
  );
}

function NotFound() {
  return (
    <>
      <PageHeader title="Not found" />
      <Empty icon={<IconMapPinQuestion size={22} />} title="There is no such page">
        The address may be mistyped or old. <Link to="/">Go to the home page</Link>.
      </Empty>
    </>
  );
}
