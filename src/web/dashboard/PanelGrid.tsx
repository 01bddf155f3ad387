import { Card, Group, Skeleton, Text, Title, Tooltip } from '@mantine/core';
import { IconInfoCircle, IconListSearch } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { type CSSProperties, type ReactNode, useMemo } from 'react';
import type { Dashboard, DashboardRows, Panel } from '#api';
import { useLabelColumn } from '../label-column.ts';
import { ChartPanel } from './ChartPanel.tsx';
import { toBarsOption, toCategoriesOption, toTimeseriesOption } from './chart-options.ts';
import { type PickedBar, toListPlace, toWindowPlace } from './drill.ts';
import { COLUMNS, fillRows, type PanelSize } from './fill-rows.ts';
import { toHeatmapOption } from './heatmap-options.ts';
import { toHistogramOption } from './histogram-options.ts';
import type { PanelView } from './panel-view.ts';
import { StatPanel } from './StatPanel.tsx';
import { TablePanel } from './TablePanel.tsx';

interface PanelGridProps {
  readonly dashboard: Dashboard;
  readonly data: DashboardRows | undefined;
}

/** The panels on three widths of screens; on a narrow one small panels are wider. */
function toSizes(panels: readonly Panel[]): readonly PanelSizes[] {
  const wide = fillRows(panels);
  const medium = fillRows(panels.map((panel) => ({ ...panel, width: widthOf(panel.width, { small: 8, half: 12 }) })));
  const small = fillRows(
    panels.map((panel) => ({ ...panel, width: widthOf(panel.width, { small: 12, half: COLUMNS }) })),
  );
  return panels.map((panel, at) => ({
    wide: wide[at] ?? panel,
    medium: medium[at] ?? panel,
    small: small[at] ?? panel,
  }));
}

interface PanelSizes {
  readonly wide: PanelSize;
  readonly medium: PanelSize;
  readonly small: PanelSize;
}

const widthOf = (width: number, { small, half }: { readonly small: number; readonly half: number }): number =>
  width <= 6 ? small : width <= 12 ? half : COLUMNS;

/** All panels of a dashboard, in its order, on a grid of 24 columns without holes. */
export function PanelGrid({ dashboard, data }: PanelGridProps) {
  const sizes = useMemo(() => toSizes(dashboard.panels), [dashboard.panels]);
  return (
    <div className="panel-grid">
      {dashboard.panels.map((panel, at) => (
        <PanelFrame key={panel.id} panel={panel} sizes={sizes[at]} data={data}>
          <PanelContent panel={panel} data={data} />
        </PanelFrame>
      ))}
    </div>
  );
}

interface PanelFrameProps {
  readonly panel: Panel;
  readonly sizes: PanelSizes | undefined;
  readonly data: DashboardRows | undefined;
  readonly children: ReactNode;
}

function PanelFrame({ panel, sizes, data, children }: PanelFrameProps) {
  const place = data === undefined ? undefined : toWindowPlace(panel, data);
  // Custom properties are not among those that CSSProperties lists.
  const style = {
    '--panel-width': sizes?.wide.width,
    '--panel-height': sizes?.wide.height,
    '--panel-width-medium': sizes?.medium.width,
    '--panel-height-medium': sizes?.medium.height,
    '--panel-width-small': sizes?.small.width,
    '--panel-height-small': sizes?.small.height,
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
