import {
  IconActivity,
  IconApi,
  IconBell,
  IconChartHistogram,
  IconDatabase,
  IconHistory,
  IconHome,
  IconPlayerPlay,
  IconRouteAltLeft,
  IconSparkles,
  IconTrophy,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, type LinkProps } from '@tanstack/react-router';
import { Fragment, type ReactNode } from 'react';
import { dashboardsQuery } from '../queries.ts';

const SIZE = 18;
interface Entry {
  readonly to: NonNullable<LinkProps['to']>;
  readonly label: string;
  readonly icon: ReactNode;
}
const GROUPS: readonly { readonly heading?: string; readonly entries: readonly Entry[] }[] = [
  { entries: [{ to: '/', label: 'Home', icon: <IconHome size={SIZE} /> }] },
  {
    heading: 'Predictions',
    entries: [
      { to: '/predict', label: 'Predict', icon: <IconSparkles size={SIZE} /> },
      { to: '/past-predictions', label: 'Past predictions', icon: <IconHistory size={SIZE} /> },
    ],
  },
  {
    heading: 'Production',
    entries: [
      { to: '/runs', label: 'Runs', icon: <IconPlayerPlay size={SIZE} /> },
      { to: '/data', label: 'Data', icon: <IconDatabase size={SIZE} /> },
      { to: '/models', label: 'Models', icon: <IconTrophy size={SIZE} /> },
      { to: '/alerts', label: 'Alerts', icon: <IconBell size={SIZE} /> },
    ],
  },
];
const DASHBOARD_ICONS = [IconChartHistogram, IconActivity, IconRouteAltLeft];

/** The pages, in groups; the dashboards are those the server defines. */
export function Navigation() {
  return (
    <nav aria-label="Main">
      {GROUPS.map(({ heading, entries }) => (
        <Fragment key={heading ?? 'home'}>
          {heading === undefined ? null : <div className="nav-heading">{heading}</div>}
          {entries.map(({ to, label, icon }) => (
            <Link key={label} to={to} className="nav-link" activeOptions={{ exact: to === '/', includeSearch: false }}>
              {icon}
              {label}
            </Link>
          ))}
        </Fragment>
      ))}
      <DashboardLinks />
      <div className="nav-heading">For programs</div>
      <a href="/docs" className="nav-link" target="_blank" rel="noreferrer">
        <IconApi size={SIZE} />
        API documentation
      </a>
    </nav>
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
