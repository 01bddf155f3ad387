import type { Environment } from '../config.ts';

/** What commands are given by `main`. */
export interface CommandContext {
  readonly version: string;
  /** The folder named after the command, or else the one for all commands. */
  openOptions(project: string | undefined): { readonly projectFolder: string; readonly environment: Environment };
  finish(exitCode: number): void;
}
