import type { Config } from './config.ts';

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
