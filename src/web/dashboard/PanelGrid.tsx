import { Card, Group, Skeleton, Text, Title, Tooltip } from '@mantine/core';
import { IconInfoCircle, IconListSearch } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import type { CSSProperties, ReactNode } from 'react';
import type { Dashboard, DashboardRows, Panel } from '#api';
import { useLabelColumn } from '../label-column.ts';
import { ChartPanel } from './ChartPanel.tsx';
import { toBarsOption, toCategoriesOption, toTimeseriesOption } from './chart-options.ts';
import { type PickedBar, toListPlace, toWindowPlace } from './drill.ts';
import { toHeatmapOption } from './heatmap-options.ts';
import { toHistogramOption } from './histogram-options.ts';
import type { PanelView } from './panel-view.ts';
import { StatPanel } from './StatPanel.tsx';
import { TablePanel } from './TablePanel.tsx';

const COLUMNS = 24;

interface PanelGridProps {
  readonly dashboard: Dashboard;
  readonly data: DashboardRows | undefined;
}

/** All panels of a dashboard, in its order, on a grid of 24 columns. */
export function PanelGrid({ dashboard, data }: PanelGridProps) {
  return (
    <div className="panel-grid">
      {dashboard.panels.map((panel) => (
        <PanelFrame key={panel.id} panel={panel} data={data}>
          <PanelContent panel={panel} data={data} />
        </PanelFrame>
      ))}
    </div>
  );
}

interface PanelFrameProps {
  readonly panel: Panel;
  readonly data: DashboardRows | undefined;
  readonly children: ReactNode;
}

function PanelFrame({ panel, data, children }: PanelFrameProps) {
  const place = data === undefined ? undefined : toWindowPlace(panel, data);
  const width = Math.min(Math.max(panel.width, 1), COLUMNS);
  // Custom properties are not among those that CSSProperties lists.
  const style = {
    '--panel-width': width,
    '--panel-width-medium': width <= 6 ? 8 : width <= 12 ? 12 : COLUMNS,
    '--panel-width-small': width <= 6 ? 12 : COLUMNS,
    '--panel-height': panel.height,
  } as CSSProperties;
  return (
    <Card className="panel" padding="sm" style={style} component="section" aria-label={panel.title}>
      <Group gap={6} mb={6} wrap="nowrap">
        <Title order={2} fz={13.5} fw={600} lineClamp={2}>
          {panel.title}
        </Title>
        {panel.description === undefined ? null : (
          <Tooltip label={panel.description}>
            <IconInfoCircle
              size={15}
              color="var(--mantine-color-dimmed)"
              aria-label={panel.description}
              style={{ flex: 'none' }}
            />
          </Tooltip>
        )}
        {place === undefined ? null : (
          <Link
            to={place.to}
            search={place.search}
            className="panel-link"
            aria-label={`List what ${panel.title} counts`}
          >
            <IconListSearch size={15} />
          </Link>
        )}
      </Group>
      <div className="panel-body">{children}</div>
    </Card>
  );
}

function PanelContent({ panel, data }: { readonly panel: Panel; readonly data: DashboardRows | undefined }) {
  const label = useLabelColumn();
  const navigate = useNavigate();
  if (data === undefined) return <Skeleton height="100%" radius="md" />;
  const content = data.panels[panel.id];
  if (content === undefined) return <Note>The server sent nothing for this panel.</Note>;
  if (content.error !== undefined) return <Note isError>The query failed: {content.error}</Note>;
  if (content.rows.length === 0) return <Note>No data in this window</Note>;
  return (
    <PanelDrawing
      view={{ panel, rows: content.rows, from: data.from, to: data.to, label }}
      onPick={(bar) => {
        const place = toListPlace(panel, bar, data.bucketSeconds);
        if (place !== undefined) void navigate({ to: place.to, search: place.search });
      }}
    />
  );
}

interface PanelDrawingProps {
  readonly view: PanelView;
  readonly onPick: (bar: PickedBar) => void;
}

function PanelDrawing({ view, onPick }: PanelDrawingProps) {
  const { kind } = view.panel;
  switch (kind) {
    case 'timeseries':
      return <ChartPanel view={view} toOption={toTimeseriesOption} />;
    case 'bars':
      return <ChartPanel view={view} toOption={toBarsOption} onPick={onPick} />;
    case 'heatmap':
      return <ChartPanel view={view} toOption={toHeatmapOption} />;
    case 'categories':
      return <ChartPanel view={view} toOption={toCategoriesOption} />;
    case 'histogram':
      return <ChartPanel view={view} toOption={toHistogramOption} />;
    case 'stat':
      return <StatPanel view={view} />;
    case 'table':
      return <TablePanel view={view} />;
    default: {
      const never: never = kind;
      return never;
    }
  }
}

function Note({ children, isError = false }: { readonly children: ReactNode; readonly isError?: boolean }) {
  return (
    <Group h="100%" justify="center">
      <Text size="sm" ta="center" className="break" c={isError ? 'var(--tone-red-text)' : 'dimmed'}>
        {children}
      </Text>
    </Group>
  );
}
