import type { Environment } from '../project/config.ts';
import type { Surroundings } from './surroundings.ts';
import type { Running, Terminal } from './terminal.ts';

/** What commands are given by the command line. */
export interface CommandContext {
  readonly version: string;
  readonly terminal: Terminal;
  readonly around: Surroundings;
  /** The folder named after the command, or else the one for all commands. */
  openOptions(project: string | undefined): { readonly projectFolder: string; readonly environment: Environment };
  /** Runs the work of a command to its exit code, which becomes that of the command line. */
  run(work: (running: Running) => Promise<number>): Promise<void>;
  finish(exitCode: number): void;
}
