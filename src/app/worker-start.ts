/** What a process that runs tasks is handed over by its parent, as JSON in WEIR_CHILD. */
export interface WorkerStart {
  readonly projectFolder: string;
  /** The build of `project.ts`, and the index of its tasks' code: what the parent hashed is what runs there. */
  readonly projectModule: string;
  readonly codeIndex: string;
  readonly databaseUrl: string;
  readonly apiUrl: string;
}
