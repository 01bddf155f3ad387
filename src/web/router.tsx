import { IconMapPinQuestion } from '@tabler/icons-react';
import {
  createRootRoute,
  createRoute,
  createRouter,
  type ErrorComponentProps,
  Link,
  lazyRouteComponent,
  Outlet,
} from '@tanstack/react-router';
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
const page = { getParentRoute: () => root } as const;

const home = createRoute({ ...page, path: '/', component: HomePage });
const predict = createRoute({
  ...page,
  path: '/predict',
  component: lazyRouteComponent(() => import('./pages/predict/PredictPage.tsx'), 'PredictPage'),
});
const pastPredictions = createRoute({
  ...page,
  path: '/past-predictions',
  validateSearch: toPastPredictionsSearch,
  component: lazyRouteComponent(
    () => import('./pages/past-predictions/PastPredictionsPage.tsx'),
    'PastPredictionsPage',
  ),
});
const runs = createRoute({
  ...page,
  path: '/runs',
  validateSearch: toRunsSearch,
  component: lazyRouteComponent(() => import('./pages/runs/RunsPage.tsx'), 'RunsPage'),
});
const run = createRoute({
  ...page,
  path: '/runs/$id',
  validateSearch: toRunSearch,
  component: lazyRouteComponent(() => import('./pages/runs/RunPage.tsx'), 'RunPage'),
});
const data = createRoute({
  ...page,
  path: '/data',
  validateSearch: toDataSearch,
  component: lazyRouteComponent(() => import('./pages/data/DataPage.tsx'), 'DataPage'),
});
const models = createRoute({
  ...page,
  path: '/models',
  component: lazyRouteComponent(() => import('./pages/models/ModelsPage.tsx'), 'ModelsPage'),
});
const alerts = createRoute({
  ...page,
  path: '/alerts',
  component: lazyRouteComponent(() => import('./pages/alerts/AlertsPage.tsx'), 'AlertsPage'),
});
const dashboard = createRoute({
  ...page,
  path: '/dashboards/$id',
  validateSearch: toDashboardSearch,
  component: lazyRouteComponent(() => import('./pages/dashboards/DashboardPage.tsx'), 'DashboardPage'),
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
