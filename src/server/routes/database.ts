import type { FastifyInstance } from 'fastify';
import { routes } from '#api';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';

/** What other programs may read; the other tables serve the engine alone and change with it. */
export const DOCUMENTED_TABLES = [
  { name: 'weir.predictions', description: 'One row for each prediction: row id, features, value and model version' },
  { name: 'weir.labels', description: 'What really happened, with every correction and its time' },
  {
    name: 'weir.performance_quarters',
    description:
      'Predictions beside their labels and estimates, by quarter of an hour, version, predicted and actual class',
  },
  { name: 'weir.label_delays', description: 'How long after its prediction a label came, in minutes' },
  { name: 'weir.checks', description: 'One row for each checked file: verdict, counts of rows, criticality' },
  { name: 'weir.check_problems', description: 'The unmet expectations of each check' },
  { name: 'weir.check_columns', description: 'Missing values, mean and further figures of each column of a check' },
  { name: 'weir.model_versions', description: 'One row for each model version, with its evaluation' },
  { name: 'weir.promotions', description: 'Which version an alias pointed to, since when and why' },
  { name: 'weir.dataset_versions', description: 'What each version of the training data holds and where it is from' },
  { name: 'weir.runs', description: 'Runs of pipelines, with state, params and times' },
  { name: 'weir.task_runs', description: 'The task runs of each run' },
  { name: 'weir.run_counts', description: 'Ended runs counted by the minute and by the hour, by state and duration' },
  { name: 'weir.request_counts', description: 'Requests of the API by the minute and by the hour, by status and time' },
  {
    name: 'weir.refused_fields',
    description: 'Requests refused for a field of their rows, by the minute and by the hour',
  },
  { name: 'weir.drift_windows', description: 'Windows of rows and predictions that were judged for drift' },
  { name: 'weir.drift_scores', description: 'Every comparison of a window with the training rows, with its numbers' },
  { name: 'weir.drift_now', description: 'The newest judged window of each model version and stream' },
  { name: 'weir.alerts', description: 'Alerts, with criticality and summary' },
  { name: 'weir.alert_deliveries', description: 'Whether each channel accepted an alert' },
] as const;

const PORT_DEFAULT = 5432;

/** Says how to connect, and never the password: it is in a file of the project, or known to who wrote the settings. */
export function registerDatabase(app: FastifyInstance, { database, project }: RouteContext): void {
  const { passwordFile = null } = project;
  fulfil(app, routes.database, {
    handle: () => {
      const { hostname, port, pathname, username } = new URL(database.url);
      const at = {
        host: decodeURIComponent(hostname),
        port: port === '' ? PORT_DEFAULT : Number(port),
        name: decodeURIComponent(pathname.slice(1)),
        user: decodeURIComponent(username),
      };
      const secret = passwordFile === null ? '' : `PGPASSWORD="$(cat ${toWord(passwordFile)})" `;
      const words = ['-h', at.host, '-p', String(at.port), '-U', at.user, at.name].map(toWord);
      return {
        ...at,
        passwordFile,
        psql: `${secret}psql ${words.join(' ')}`,
        duckdb: `ATTACH '${toConnection(at)}' AS weir (TYPE postgres, READ_ONLY, SCHEMA 'weir')`,
        tables: [...DOCUMENTED_TABLES],
      };
    },
  });
}

/** A word of a POSIX shell. */
const toWord = (text: string): string => (/^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** Keywords and values as libpq reads them, within a text of SQL. */
function toConnection({
  host,
  port,
  name,
  user,
}: Readonly<Record<'host' | 'name' | 'user', string>> & { readonly port: number }) {
  const parts = { host, port: String(port), dbname: name, user };
  return Object.entries(parts)
    .map(([key, value]) => `${key}=${toValue(value)}`)
    .join(' ')
    .replaceAll("'", "''");
}

const toValue = (text: string): string =>
  /^[\w./:@%+-]+$/.test(text) ? text : `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
