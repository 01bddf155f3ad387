import type { Dashboard } from '../dashboards/dashboard.ts';
import { GRAFANA_SOURCE, toGrafana } from '../dashboards/to-grafana.ts';
import { READER } from './reader.ts';

const HEADER = 'Generated from the dashboard definitions: change those, then run "npm run generate".';

/** Every file of the folder `grafana/`, by its path in it: dashboards, provisioning, and the role Grafana reads with. Pure. */
export async function grafanaFiles(dashboards: readonly Dashboard[]): Promise<Readonly<Record<string, string>>> {
  const { stringify } = await import('yaml');
  const definitions = dashboards.map((dashboard) => {
    return [`dashboards/${dashboard.id}.json`, `${JSON.stringify(toGrafana(dashboard), null, 2)}\n`] as const;
  });
  return {
    ...Object.fromEntries(definitions),
    'provisioning/dashboards/weir.yaml': `# ${HEADER}\n${stringify(PROVIDERS)}`,
    'provisioning/datasources/weir.yaml': `# ${HEADER}\n${stringify(SOURCES)}`,
  };
}

const PROVIDERS = {
  apiVersion: 1,
  providers: [
    {
      name: 'weir',
      folder: 'Weir',
      type: 'file',
      disableDeletion: false,
      allowUiUpdates: false,
      options: { path: '/etc/grafana/weir/dashboards' },
    },
  ],
};

const SOURCES = {
  apiVersion: 1,
  datasources: [
    {
      name: 'Weir',
      ...GRAFANA_SOURCE,
      access: 'proxy',
      url: '$GRAFANA_WEIR_DATABASE_HOST',
      user: READER,
      // Grafana fills in the environment, so that no password is in a file.
      secureJsonData: { password: '$GRAFANA_WEIR_DATABASE_PASSWORD' },
      jsonData: {
        database: '$GRAFANA_WEIR_DATABASE_NAME',
        sslmode: '$GRAFANA_WEIR_DATABASE_SSLMODE',
        postgresVersion: 1500,
        timescaledb: false,
      },
    },
  ],
};
