import { describe, expect, it } from 'vitest';
import { category, defineContract, number } from '#contracts';
import { dashboards, dashboardsOf, ingestedData, toGrafana } from '#monitor';
import { misfits, type Typed } from './published-types.ts';

interface GrafanaPanel {
  readonly type: string;
  readonly options: unknown;
  readonly fieldConfig: { readonly defaults: { readonly custom: unknown } };
}

/** The modules with the options of each kind of panel, as the packages of Grafana name them. */
const OPTIONS: Readonly<Record<string, readonly [folder: string, module: string]>> = {
  barchart: ['barchart', 'BarChartPanelCfg'],
  heatmap: ['heatmap', 'HeatmapPanelCfg'],
  stat: ['stat', 'StatPanelCfg'],
  'status-history': ['statushistory', 'StatusHistoryPanelCfg'],
  table: ['table', 'TablePanelCfg'],
  timeseries: ['timeseries', 'TimeSeriesPanelCfg'],
};
const WITHOUT_CUSTOM = ['stat'];

const PROJECT = { project: { name: 'shop', title: 'Shop' }, url: 'http://127.0.0.1:8080' };
const json = dashboards.map((dashboard) => toGrafana(dashboard, PROJECT));

function typedBy(version: number): Typed {
  const from = `grafana-schema-${version}`;
  const modules = Object.values(OPTIONS).map(
    ([folder, name]) =>
      `import type * as ${name} from '${from}/dist/esm/raw/composable/${folder}/panelcfg/x/${name}_types.gen';`,
  );
  // toGrafana gives plain JSON whose shape the types state.
  const panels = json.flatMap((dashboard) => dashboard.panels as readonly GrafanaPanel[]);
  return {
    imports: [`import type { Dashboard } from '${from}';`, ...modules],
    values: [
      ...json.map((value) => ({ type: 'Dashboard', value })),
      ...panels.flatMap(({ type, options, fieldConfig }) => {
        const module = OPTIONS[type]?.[1] ?? `NoModuleFor_${type}`;
        const custom = { type: `Partial<${module}.FieldConfig>`, value: fieldConfig.defaults.custom };
        return [
          { type: `Partial<${module}.Options>`, value: options },
          ...(WITHOUT_CUSTOM.includes(type) ? [] : [custom]),
        ];
      }),
    ],
  };
}

describe('the dashboards for Grafana', () => {
  it('fit the types that Grafana 12 and 13 publish, each panel those of its kind', () => {
    expect(misfits({ grafana12: typedBy(12), grafana13: typedBy(13) })).toBe('');
  });

  it('are those of any contract: with classes, with numbers, with ten columns, with none', () => {
    const ten = Object.fromEntries(Array.from({ length: 9 }, (_, place) => [`feature_${place}`, number({ min: 0 })]));
    const contracts = [
      defineContract({ name: 'classes', columns: { kind: category(['a', 'b'], { role: 'label' }) } }),
      defineContract({ name: 'numbers', columns: { price: number({ role: 'label' }) } }),
      defineContract({ name: 'ten', columns: { ...ten, price: number({ role: 'label' }) } }),
      undefined,
    ];
    for (const contract of contracts) {
      expect(dashboardsOf(contract).filter((dashboard) => !dashboards.includes(dashboard))).toEqual([]);
    }
  });

  it('would not fit with a mistake in them', () => {
    const dashboard = toGrafana(ingestedData, PROJECT);
    const said = misfits({
      wrong: {
        imports: typedBy(13).imports,
        values: [
          { type: 'Dashboard', value: { ...dashboard, graphTooltip: 7 } },
          { type: 'Dashboard', value: { ...dashboard, refreshEvery: '5s' } },
          { type: 'Partial<BarChartPanelCfg.Options>', value: { orientation: 'sideways' } },
        ],
      },
    });
    expect(said).toMatch(/'7' is not assignable/);
    expect(said).toMatch(/refreshEvery"?' does not exist/);
    expect(said).toMatch(/"sideways"' is not assignable/);
  });
});
