import { describe, expect, it } from 'vitest';
import { dashboards, ingestedData, toGrafana } from '#monitor';
import { misfits, type Typed } from './published-types.ts';

interface GrafanaPanel {
  readonly type: string;
  readonly options: unknown;
  readonly fieldConfig: { readonly defaults: { readonly custom: unknown } };
}

/** The module with the options of each kind of panel, as the package of a version names it. */
const OPTIONS = {
  barchart: 'BarChartPanelCfg',
  heatmap: 'HeatmapPanelCfg',
  stat: 'StatPanelCfg',
  table: 'TablePanelCfg',
  timeseries: 'TimeSeriesPanelCfg',
} as const;
const WITHOUT_CUSTOM = ['stat'];

function typedBy(version: number): Typed {
  const from = `grafana-schema-${version}`;
  const json = dashboards.map(toGrafana);
  const kinds = Object.entries(OPTIONS).map(
    ([kind, file]) =>
      `import type * as ${kind} from '${from}/dist/esm/raw/composable/${kind}/panelcfg/x/${file}_types.gen';`,
  );
  // toGrafana gives plain JSON whose shape the types state.
  const panels = json.flatMap((dashboard) => dashboard.panels as readonly GrafanaPanel[]);
  return {
    imports: [`import type { Dashboard } from '${from}';`, ...kinds],
    values: [
      ...json.map((value) => ({ type: 'Dashboard', value })),
      ...panels.flatMap(({ type, options, fieldConfig }) => [
        { type: `Partial<${type}.Options>`, value: options },
        ...(WITHOUT_CUSTOM.includes(type)
          ? []
          : [{ type: `Partial<${type}.FieldConfig>`, value: fieldConfig.defaults.custom }]),
      ]),
    ],
  };
}

describe('the dashboards for Grafana', () => {
  it('fit the types that Grafana 12 and 13 publish, each panel those of its kind', () => {
    expect(misfits({ grafana12: typedBy(12), grafana13: typedBy(13) })).toBe('');
  });

  it('would not fit with a mistake in them', () => {
    const dashboard = toGrafana(ingestedData);
    const said = misfits({
      wrong: {
        imports: typedBy(13).imports,
        values: [
          { type: 'Dashboard', value: { ...dashboard, graphTooltip: 7 } },
          { type: 'Dashboard', value: { ...dashboard, refreshEvery: '5s' } },
          { type: 'Partial<barchart.Options>', value: { orientation: 'sideways' } },
        ],
      },
    });
    expect(said).toMatch(/'7' is not assignable/);
    expect(said).toMatch(/refreshEvery"?' does not exist/);
    expect(said).toMatch(/"sideways"' is not assignable/);
  });
});
