import type { RouteComponent } from '@tanstack/react-router';
import { type FunctionComponent, lazy, Suspense } from 'react';
import { LoadingRows } from './components/Notice.tsx';

const loaders: (() => Promise<unknown>)[] = [];

// Not the router's lazyRouteComponent: it reloads the page when a chunk is missing, which fails while Weir restarts.
function lazyPage(loadPage: () => Promise<{ default: FunctionComponent }>): RouteComponent {
  // The home page, which loads first, uses none of these styles.
  const load = async () => (await Promise.all([loadPage(), import('./style-pages.css')]))[0];
  loaders.push(load);
  const Page = lazy(load);
  return () => (
    <Suspense fallback={<LoadingRows />}>
      <Page />
    </Suspense>
  );
}

/** Loads the code of all pages (except charts and graph), so that later clicks need not wait. */
export function preloadPages(): void {
  for (const load of loaders) load().catch(ignore);
}

// Opening the page tries again and shows the error.
function ignore(): void {}

// Annotated, because pages ask the router for their types and the router is made from them.
export const PredictPage: RouteComponent = lazyPage(() =>
  import('./pages/predict/PredictPage.tsx').then((module) => ({ default: module.PredictPage })),
);
export const PastPredictionsPage: RouteComponent = lazyPage(() =>
  import('./pages/past-predictions/PastPredictionsPage.tsx').then((module) => ({
    default: module.PastPredictionsPage,
  })),
);
export const RunsPage: RouteComponent = lazyPage(() =>
  import('./pages/runs/RunsPage.tsx').then((module) => ({ default: module.RunsPage })),
);
export const RunPage: RouteComponent = lazyPage(() =>
  import('./pages/runs/RunPage.tsx').then((module) => ({ default: module.RunPage })),
);
export const DataPage: RouteComponent = lazyPage(() =>
  import('./pages/data/DataPage.tsx').then((module) => ({ default: module.DataPage })),
);
export const ReportPage: RouteComponent = lazyPage(() =>
  import('./pages/data/ReportPage.tsx').then((module) => ({ default: module.ReportPage })),
);
export const ModelsPage: RouteComponent = lazyPage(() =>
  import('./pages/models/ModelsPage.tsx').then((module) => ({ default: module.ModelsPage })),
);
export const DriftPage: RouteComponent = lazyPage(() =>
  import('./pages/drift/DriftPage.tsx').then((module) => ({ default: module.DriftPage })),
);
export const AlertsPage: RouteComponent = lazyPage(() =>
  import('./pages/alerts/AlertsPage.tsx').then((module) => ({ default: module.AlertsPage })),
);
export const DashboardPage: RouteComponent = lazyPage(() =>
  import('./pages/dashboards/DashboardPage.tsx').then((module) => ({ default: module.DashboardPage })),
);
export const WorkersPage: RouteComponent = lazyPage(() =>
  import('./pages/workers/WorkersPage.tsx').then((module) => ({ default: module.WorkersPage })),
);
export const DatabasePage: RouteComponent = lazyPage(() =>
  import('./pages/database/DatabasePage.tsx').then((module) => ({ default: module.DatabasePage })),
);
export const AccountPage: RouteComponent = lazyPage(() =>
  import('./pages/account/AccountPage.tsx').then((module) => ({ default: module.AccountPage })),
);
export const UsersPage: RouteComponent = lazyPage(() =>
  import('./pages/users/UsersPage.tsx').then((module) => ({ default: module.UsersPage })),
);
export const AuditPage: RouteComponent = lazyPage(() =>
  import('./pages/audit/AuditPage.tsx').then((module) => ({ default: module.AuditPage })),
);
