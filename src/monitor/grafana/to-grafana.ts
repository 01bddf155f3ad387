import type { Dashboard, Panel, Unit, Variable } from '../dashboards/dashboard.ts';
import { BUCKETS_MAX } from '../dashboards/intervals.ts';
import { type GrafanaProject, markOf, sourceOf, uidOf } from './names.ts';

type Json = Readonly<Record<string, unknown>>;

type Source = ReturnType<typeof sourceOf>;

/** Where a dashboard belongs. */
export interface GrafanaOptions {
  readonly project: GrafanaProject;
  /** Address of the web app, for links. */
  readonly url: string;
}

const WIDTH_MAX = 24;
const SCHEMA_VERSION = 39;
const GREY = '#8e8e8e';
// The finest data is by the minute; Grafana would otherwise request buckets of seconds.
const INTERVAL_MIN = '1m';
const UNITS: Readonly<Record<Unit, string>> = {
  none: 'short',
  // Grafana knows no contract.
  label: 'short',
  percent: 'percent',
  milliseconds: 'ms',
  seconds: 's',
  count: 'short',
  bytes: 'bytes',
};

/** The dashboard as Grafana's JSON: the same SQL, thresholds and colours for another renderer. Pure. */
export function toGrafana(dashboard: Dashboard, { project, url }: GrafanaOptions): Json {
  const places = placesOf(dashboard.panels);
  const source = sourceOf(project);
  return {
    uid: uidOf(project, dashboard.id),
    title: dashboard.title,
    description: `For ${dashboard.audience}. ${markOf(project)}`,
    tags: ['weir', project.name, 'generated'],
    schemaVersion: SCHEMA_VERSION,
    editable: false,
    graphTooltip: 1,
    timezone: 'browser',
    refresh: `${dashboard.refreshSeconds}s`,
    time: { from: `now-${dashboard.defaultWindowMinutes}m`, to: 'now' },
    templating: { list: [urlVariable(url), ...dashboard.variables.map((variable) => toVariable(variable, source))] },
    panels: dashboard.panels.map((panel, index) => toPanel(panel, { id: index + 1, gridPos: places[index], source })),
  };
}

// Links in tables are paths of the web app, which has another address than Grafana.
const urlVariable = (url: string): Json => ({
  type: 'textbox',
  name: 'weir_url',
  label: 'Address of Weir',
  query: url,
  current: { text: url, value: url },
});

/** The value that stands for all is not listed but written as it is, so that it is one text in SQL too. */
function toVariable({ name, title, sql }: Variable, source: Source): Json {
  return {
    type: 'query',
    name,
    label: title,
    datasource: source,
    query: sql,
    refresh: 2,
    multi: true,
    includeAll: true,
    allValue: "'*'",
    current: { text: ['All'], value: ['$__all'] },
  };
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** Fills rows from the left, as the web page does; a row is as high as its highest panel. */
function placesOf(panels: readonly Panel[]): readonly Place[] {
  let [x, y, rowHeight] = [0, 0, 0];
  return panels.map(({ width, height }) => {
    if (x + width > WIDTH_MAX) [x, y, rowHeight] = [0, y + rowHeight, 0];
    const place = { x, y, w: width, h: height };
    x += width;
    rowHeight = Math.max(rowHeight, height);
    return place;
  });
}

interface Placed {
  readonly id: number;
  readonly gridPos: Place | undefined;
  readonly source: Source;
}

function toPanel(panel: Panel, { id, gridPos, source }: Placed): Json {
  const { type, format, custom, options, overrides, transformations } = rendererOf(panel);
  return {
    id,
    type,
    title: panel.title,
    ...(panel.description === undefined ? {} : { description: panel.description }),
    gridPos,
    datasource: source,
    interval: INTERVAL_MIN,
    maxDataPoints: BUCKETS_MAX,
    targets: [{ refId: 'A', datasource: source, editorMode: 'code', format, rawQuery: true, rawSql: panel.sql }],
    fieldConfig: {
      defaults: {
        unit: UNITS[panel.unit],
        color: { mode: panel.kind === 'stat' ? 'thresholds' : 'palette-classic' },
        thresholds: { mode: 'absolute', steps: stepsOf(panel) },
        // Without a value there is no verdict: grey, not the colour of the first threshold.
        mappings: [{ type: 'special', options: { match: 'null+nan', result: { text: 'no data', color: GREY } } }],
        custom,
        ...linksOf(panel),
      },
      overrides,
    },
    options,
    ...(transformations.length === 0 ? {} : { transformations }),
  };
}

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: Grafana fills these in
const WEIR_URL = '${weir_url}';
const WINDOW = 'from=${__from:date:iso}&to=${__to:date:iso}';
const SERIES = '${__series.name}';
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: the end of them

/** The list that the panel counts, over the window: a link knows the time of a bar and not its width. */
function linksOf({ link }: Panel): Json {
  if (link === undefined) return {};
  const page = link.list === 'files' ? '/data' : '/past-predictions';
  const filter = link.metric === undefined ? '' : `&${link.metric}=${SERIES}`;
  const url = `${WEIR_URL}${page}?${WINDOW}${filter}`;
  return { links: [{ title: `Open the ${link.list} of this window`, url, targetBlank: true }] };
}

function stepsOf({ thresholds }: Panel): readonly Json[] {
  return thresholds.length === 0
    ? [{ color: 'text', value: null }]
    : thresholds.map(({ from, color }) => ({ color, value: from }));
}

interface Renderer {
  readonly type: string;
  readonly format: 'time_series' | 'table';
  readonly custom: Json;
  readonly options: Json;
  readonly overrides: readonly Json[];
  readonly transformations: readonly Json[];
}

function rendererOf(panel: Panel): Renderer {
  switch (panel.kind) {
    case 'timeseries':
      return { ...timeRenderer(panel), custom: { drawStyle: 'line', lineWidth: 2, ...timeStyle(panel) } };
    case 'bars':
      return {
        ...timeRenderer(panel),
        custom: { drawStyle: 'bars', fillOpacity: 80, lineWidth: 0, ...timeStyle(panel) },
      };
    case 'heatmap':
      return {
        ...timeRenderer(panel),
        type: 'status-history',
        custom: { fillOpacity: 80, lineWidth: 0 },
        options: { legend: LEGEND, showValue: 'never', rowHeight: 0.9 },
      };
    case 'stat':
      return {
        type: 'stat',
        format: 'table',
        custom: {},
        options: {
          reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
          colorMode: 'value',
          graphMode: 'none',
        },
        overrides: [],
        transformations: [],
      };
    case 'categories':
      return categoriesRenderer(panel);
    case 'histogram':
      return HISTOGRAM;
    case 'table':
      return {
        type: 'table',
        format: 'table',
        custom: { align: 'auto', filterable: true },
        options: { showHeader: true, cellHeight: 'sm' },
        overrides: [LINK_OVERRIDE],
        transformations: [],
      };
    default:
      return panel.kind satisfies never;
  }
}

const LEGEND = { showLegend: true, displayMode: 'list', placement: 'bottom', calcs: [] };

function timeRenderer({ colors = {} }: Panel): Omit<Renderer, 'custom'> {
  return {
    type: 'timeseries',
    format: 'time_series',
    options: { legend: LEGEND, tooltip: { mode: 'multi', sort: 'none' } },
    overrides: Object.entries(colors).map(([metric, color]) => colorOverride(metric, color)),
    transformations: [],
  };
}

function timeStyle({ stacked = false, thresholds }: Panel): Json {
  return {
    // A gap means missing data; a line over it would show numbers that no query returned.
    spanNulls: false,
    showPoints: 'auto',
    stacking: { mode: stacked ? 'normal' : 'none', group: 'A' },
    thresholdsStyle: { mode: thresholds.length === 0 ? 'off' : 'area' },
  };
}

function categoriesRenderer({ sql, colors = {} }: Panel): Renderer {
  const hasMetrics = /\bmetric\b/.test(sql);
  const matrix = { columnField: 'metric', rowField: 'category', valueField: 'value' };
  const named = Object.entries(colors).map(([category, color]) => [category, { color: colorOf(color) }] as const);
  return {
    type: 'barchart',
    format: 'table',
    custom: { fillOpacity: 80 },
    options: {
      legend: LEGEND,
      xField: hasMetrics ? 'category\\metric' : 'category',
      ...(hasMetrics ? {} : { colorByField: 'category' }),
    },
    overrides: [
      {
        matcher: { id: 'byName', options: 'category' },
        properties: [{ id: 'mappings', value: [{ type: 'value', options: Object.fromEntries(named) }] }],
      },
    ],
    transformations: hasMetrics ? [{ id: 'groupingToMatrix', options: matrix }] : [],
  };
}

// Bars are named by their lower bound: a bar chart takes its names from texts.
const HISTOGRAM: Renderer = {
  type: 'barchart',
  format: 'table',
  custom: { fillOpacity: 80 },
  options: { legend: LEGEND, xField: 'low\\metric' },
  overrides: [],
  transformations: [
    { id: 'convertFieldType', options: { conversions: [{ targetField: 'low', destinationType: 'string' }] } },
    { id: 'groupingToMatrix', options: { columnField: 'metric', rowField: 'low', valueField: 'value' } },
  ],
};

const LINK_OVERRIDE = {
  matcher: { id: 'byName', options: 'link' },
  properties: [
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Grafana fills these in
    { id: 'links', value: [{ title: 'Open', url: '${weir_url}${__value.raw}', targetBlank: true }] },
  ],
};

function colorOverride(metric: string, color: string): Json {
  return {
    matcher: { id: 'byName', options: metric },
    properties: [{ id: 'color', value: { mode: 'fixed', fixedColor: colorOf(color) } }],
  };
}

function colorOf(color: string): string {
  return color === 'grey' ? GREY : color;
}
