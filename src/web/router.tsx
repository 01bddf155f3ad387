import { IconMapPinQuestion } from '@tabler/icons-react';
import {
  createRootRoute,
  createRoute,
  createRouter,
  type ErrorComponentProps,
  Link,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { pages } from '#api';
import { UserButton } from './access/UserButton.tsx';
import { Empty, Failed, LoadingRows } from './components/Notice.tsx';
import { PageHeader } from './components/PageHeader.tsx';
import { Shell } from './components/Shell.tsx';
import {
  AccountPage,
  AlertsPage,
  AuditPage,
  DashboardPage,
  DatabasePage,
  DataPage,
  DriftPage,
  ModelsPage,
  PastPredictionsPage,
  PredictPage,
  ReportPage,
  RunPage,
  RunsPage,
  UsersPage,
  WorkersPage,
} from './lazy-pages.tsx';
import { HomePage } from './pages/home/HomePage.tsx';
import {
  toAlertsSearch,
  toAuditSearch,
  toDashboardSearch,
  toDataSearch,
  toDriftSearch,
  toModelsSearch,
  toPastPredictionsSearch,
  toRunSearch,
  toRunsSearch,
  toTablesSearch,
} from './search.ts';

const root = createRootRoute({
  validateSearch: toTablesSearch,
  component: () => (
    <Shell account={<UserButton />}>
      <Outlet />
    </Shell>
  ),
});
const page = { getParentRoute: () => root } as const;

const home = createRoute({ ...page, path: pages.home, component: HomePage });
const predict = createRoute({
  ...page,
  path: pages.predict,
  component: PredictPage,
});
const pastPredictions = createRoute({
  ...page,
  path: pages.pastPredictions,
  validateSearch: toPastPredictionsSearch,
  component: PastPredictionsPage,
});
const runs = createRoute({
  ...page,
  path: pages.runs,
  validateSearch: toRunsSearch,
  component: RunsPage,
});
const run = createRoute({
  ...page,
  path: pages.run,
  validateSearch: toRunSearch,
  component: RunPage,
});
const data = createRoute({
  ...page,
  path: pages.data,
  validateSearch: toDataSearch,
  component: DataPage,
});
const reports = createRoute({
  ...page,
  path: pages.reports,
  // The data page lists the checked files; older links lead here.
  beforeLoad: () => {
    throw redirect({ to: '/data' });
  },
});
const report = createRoute({
  ...page,
  path: pages.report,
  component: ReportPage,
});
const models = createRoute({
  ...page,
  path: pages.models,
  validateSearch: toModelsSearch,
  component: ModelsPage,
});
const drift = createRoute({
  ...page,
  path: pages.drift,
  validateSearch: toDriftSearch,
  component: DriftPage,
});
const alerts = createRoute({
  ...page,
  path: pages.alerts,
  validateSearch: toAlertsSearch,
  component: AlertsPage,
});
const dashboard = createRoute({
  ...page,
  path: pages.dashboard,
  validateSearch: toDashboardSearch,
  component: DashboardPage,
});

const workers = createRoute({ ...page, path: pages.workers, component: WorkersPage });

const database = createRoute({
  ...page,
  path: pages.database,
  component: DatabasePage,
});

const account = createRoute({ ...page, path: pages.account, component: AccountPage });
const users = createRoute({ ...page, path: pages.users, component: UsersPage });
const auditLog = createRoute({
  ...page,
  path: pages.auditLog,
  validateSearch: toAuditSearch,
  component: AuditPage,
});
// Whoever is logged in has nothing to do at the login, and at the setup the gate answers.
const entrances = [pages.login, pages.setup].map((path) =>
  createRoute({
    ...page,
    path,
    beforeLoad: () => {
      throw redirect({ to: '/' });
    },
  }),
);

export const router = createRouter({
  routeTree: root.addChildren([
    home,
    predict,
    pastPredictions,
    runs,
    run,
    data,
    reports,
    report,
    models,
    drift,
    alerts,
    dashboard,
    workers,
    database,
    account,
    users,
    auditLog,
    ...entrances,
  ]),
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

// The messages of Chromium, Firefox and Safari when a chunk cannot be loaded.
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
