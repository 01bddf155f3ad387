import { VisuallyHidden } from '@mantine/core';
import {
  IconActivity,
  IconApi,
  IconBell,
  IconChartHistogram,
  IconDatabase,
  IconDatabaseExport,
  IconHistory,
  IconHome,
  IconPlayerPlay,
  IconRouteAltLeft,
  IconServer2,
  IconSparkles,
  IconTrendingUp,
  IconTrophy,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, type LinkProps } from '@tanstack/react-router';
import { Fragment, type ReactNode } from 'react';
import { alertRulesQuery, dashboardsQuery, projectQuery } from '../queries.ts';

const SIZE = 18;
interface Entry {
  readonly to: NonNullable<LinkProps['to']>;
  readonly label: string;
  readonly icon: ReactNode;
  /** Empty in a project without a model, so it is left out there. */
  readonly isOfModel?: boolean;
}
/** The pages that every project has, in groups. */
export const NAVIGATION: readonly { readonly heading?: string; readonly entries: readonly Entry[] }[] = [
  { entries: [{ to: '/', label: 'Home', icon: <IconHome size={SIZE} /> }] },
  {
    heading: 'Predictions',
    entries: [
      { to: '/predict', label: 'Predict', icon: <IconSparkles size={SIZE} />, isOfModel: true },
      { to: '/past-predictions', label: 'Past predictions', icon: <IconHistory size={SIZE} />, isOfModel: true },
    ],
  },
  {
    heading: 'Production',
    entries: [
      { to: '/runs', label: 'Runs', icon: <IconPlayerPlay size={SIZE} /> },
      { to: '/data', label: 'Data', icon: <IconDatabase size={SIZE} />, isOfModel: true },
      { to: '/models', label: 'Models', icon: <IconTrophy size={SIZE} />, isOfModel: true },
      { to: '/drift', label: 'Drift', icon: <IconTrendingUp size={SIZE} />, isOfModel: true },
      { to: '/alerts', label: 'Alerts', icon: <IconBell size={SIZE} /> },
      { to: '/workers', label: 'Workers', icon: <IconServer2 size={SIZE} /> },
      { to: '/database', label: 'Database', icon: <IconDatabaseExport size={SIZE} /> },
    ],
  },
];
const DASHBOARD_ICONS = [IconChartHistogram, IconActivity, IconRouteAltLeft];

/** The pages, in groups; the server defines the dashboards. */
export function Navigation() {
  const hasModel = useQuery(projectQuery).data?.hasModel ?? true;
  const groups = NAVIGATION.map(({ entries, ...group }) => ({
    ...group,
    entries: entries.filter(({ isOfModel }) => hasModel || isOfModel !== true),
  }));
  return (
    <nav aria-label="Main">
      {groups
        .filter(({ entries }) => entries.length > 0)
        .map(({ heading, entries }) => (
          <Fragment key={heading ?? 'home'}>
            {heading === undefined ? null : <div className="nav-heading">{heading}</div>}
            {entries.map(({ to, label, icon }) => (
              <Link
                key={label}
                to={to}
                className="nav-link"
                activeOptions={{ exact: to === '/', includeSearch: false }}
              >
                {icon}
                {label}
                {to === '/alerts' ? <FiringCount /> : null}
              </Link>
            ))}
          </Fragment>
        ))}
      {hasModel ? <DashboardLinks /> : null}
      <div className="nav-heading">For programs</div>
      <a href="/docs" className="nav-link" target="_blank" rel="noreferrer">
        <IconApi size={SIZE} />
        API documentation
      </a>
    </nav>
  );
}

/** How many alert rules fire now. */
function FiringCount() {
  const rules = useQuery(alertRulesQuery).data?.items ?? [];
  const count = rules.filter(({ enabled, state }) => enabled && state.name === 'firing').length;
  if (count === 0) return null;
  return (
    <span className="nav-count">
      {count}
      <VisuallyHidden> firing</VisuallyHidden>
    </span>
  );
}

function DashboardLinks() {
  const dashboards = useQuery(dashboardsQuery).data?.items ?? [];
  if (dashboards.length === 0) return null;
  return (
    <>
      <div className="nav-heading">Dashboards</div>
      {dashboards.map(({ id, title }, index) => {
        const Icon = DASHBOARD_ICONS[index % DASHBOARD_ICONS.length] ?? IconActivity;
        return (
          <Link
            key={id}
            to="/dashboards/$id"
            params={{ id }}
            className="nav-link"
            activeOptions={{ includeSearch: false }}
          >
            <Icon size={SIZE} style={{ flex: 'none' }} />
            {title}
          </Link>
        );
      })}
    </>
  );
}
