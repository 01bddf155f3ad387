import type { Config } from '../project/config.ts';

/** What a process that runs tasks is handed over by its parent, as the first message. */
export interface WorkerStart {
  readonly projectFolder: string;
  /** As the parent read it, without what only the parent needs: addresses that alerts go to, and the database's own. */
  readonly config: Config;
  /** The build of `project.ts`, and the index of its tasks' code: what the parent hashed is what runs there. */
  readonly projectModule: string;
  readonly codeIndex: string;
  readonly databaseUrl: string;
  readonly apiUrl: string;
}

/** In the place of an address that is nobody's business there. */
const HIDDEN = 'https://hidden.invalid';

/**
 * Settings as the processes of tasks get them. Where alerts go is hidden, but not whether they go there, since a task
 * notes what is to be sent. Named connections stay: tasks read and write there.
 */
export function withoutSecrets(config: Config): Config {
  const hide = (url: string): string => (url === '' ? '' : HIDDEN);
  const { teamsUrl, webhookUrl } = config.alerts;
  return {
    ...config,
    alerts: { teamsUrl: hide(teamsUrl), webhookUrl: hide(webhookUrl) },
    database: { url: '' },
  };
}
