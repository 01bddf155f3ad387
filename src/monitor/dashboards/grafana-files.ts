import type { Dashboard } from './dashboard.ts';
import { GRAFANA_SOURCE, toGrafana } from './to-grafana.ts';

const ROLE = 'weir_reader';
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
    'reader.sql': READER,
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
      url: '$WEIR_DATABASE_HOST',
      user: ROLE,
      // Grafana fills in the environment, so that no password is in a file.
      secureJsonData: { password: '$WEIR_READER_PASSWORD' },
      jsonData: {
        database: '$WEIR_DATABASE_NAME',
        sslmode: '$WEIR_DATABASE_SSLMODE',
        postgresVersion: 1500,
        timescaledb: false,
      },
    },
  ],
};

const READER = `-- ${HEADER}
-- The role Grafana reads with. Run it as the owner of the schema, then: alter role ${ROLE} login password '...';
do $$ begin
  create role ${ROLE} nologin;
exception when duplicate_object then null;
end $$;
grant usage on schema weir to ${ROLE};
grant select on all tables in schema weir to ${ROLE};
alter default privileges in schema weir grant select on tables to ${ROLE};
alter role ${ROLE} set default_transaction_read_only = on;
alter role ${ROLE} set statement_timeout = '10s';
`;
