import type { Contract } from '#contracts';
import { yamlPackage } from '#store';
import type { Dashboard } from '../dashboards/dashboard.ts';
import type { AlertRule } from '../rules/rule.ts';
import { alertRulesFor } from './alert-rules.ts';
import { type ContactPoint, contactPointsOf, policiesOf } from './contact-points.ts';
import { type GrafanaProject, markOf, sourceOf, titleOf, uidOf } from './names.ts';
import { isReadable } from './readable.ts';
import { READER } from './reader.ts';
import { type GrafanaOptions, toGrafana } from './to-grafana.ts';

/** What the files for Grafana are made from. */
export interface GrafanaFiles extends GrafanaOptions {
  readonly contract: Contract | undefined;
  readonly dashboards: readonly Dashboard[];
  readonly rules: readonly AlertRule[];
  /** Folder in which Grafana finds the dashboards. */
  readonly mountedAt: string;
  readonly contactPoints: readonly ContactPoint[];
  /** Whether the notification policies are written; in Grafana they replace all others. */
  readonly withPolicies: boolean;
}

/** Every file for Grafana, by its path in the folder of the export: dashboards and provisioning. Pure. */
export async function grafanaFiles(options: GrafanaFiles): Promise<Readonly<Record<string, string>>> {
  const { project, contract, dashboards, rules, mountedAt, contactPoints, withPolicies } = options;
  const { stringify } = yamlPackage();
  const name = uidOf(project);
  const shown = dashboards.map((dashboard) => ({
    ...dashboard,
    // What the reader may not read would be an error in Grafana.
    panels: dashboard.panels.filter(({ sql }) => isReadable(sql, contract)),
  }));
  const provisioning = {
    [`dashboards/${name}.yaml`]: providersOf(project, `${mountedAt}/dashboards`),
    [`datasources/${name}.yaml`]: sourcesOf(project),
    [`alerting/${name}-rules.yaml`]: await alertRulesFor(project, rules),
    ...(contactPoints.length === 0
      ? {}
      : { [`alerting/${name}-contact-points.yaml`]: contactPointsOf(project, contactPoints) }),
    ...(withPolicies ? { [`alerting/${name}-policies.yaml`]: policiesOf(project) } : {}),
  };
  return {
    ...Object.fromEntries(
      shown.map((dashboard) => [
        `dashboards/${uidOf(project, dashboard.id)}.json`,
        `${JSON.stringify(toGrafana(dashboard, options), null, 2)}\n`,
      ]),
    ),
    ...Object.fromEntries(
      Object.entries(provisioning).map(([file, content]) => [
        `provisioning/${file}`,
        `# ${markOf(project)}\n${stringify(content, { lineWidth: 0, aliasDuplicateObjects: false })}`,
      ]),
    ),
  };
}

const providersOf = (project: GrafanaProject, path: string) => ({
  apiVersion: 1,
  providers: [
    {
      name: uidOf(project),
      folder: titleOf(project),
      type: 'file',
      disableDeletion: false,
      allowUiUpdates: false,
      options: { path },
    },
  ],
});

const sourcesOf = (project: GrafanaProject) => ({
  apiVersion: 1,
  datasources: [
    {
      ...{ name: titleOf(project), ...sourceOf(project), access: 'proxy' },
      url: '$GRAFANA_WEIR_DATABASE_HOST',
      user: READER,
      // Grafana fills in its environment, so that no password is in a file.
      secureJsonData: { password: '$GRAFANA_WEIR_DATABASE_PASSWORD' },
      jsonData: {
        database: '$GRAFANA_WEIR_DATABASE_NAME',
        sslmode: '$GRAFANA_WEIR_DATABASE_SSLMODE',
        maxOpenConns: 8,
        maxIdleConns: 2,
        connMaxLifetime: 14_400,
        postgresVersion: 1500,
        timescaledb: false,
      },
    },
  ],
});
