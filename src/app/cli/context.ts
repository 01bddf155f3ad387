import type { Environment } from '../project/config.ts';
import type { OpenOptions } from '../serve/open-project.ts';
import type { Running, Terminal } from './terminal.ts';

/** What the command line passes to commands. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly around: Surroundings;
  /** How to open the project in the folder given after the command, or else in the one for all commands. */
  openOptions(project: string | undefined): ProjectChoice;
  /** Runs the work of a command to its exit code, which becomes that of the command line. */
  run(work: (running: Running) => Promise<number>): Promise<void>;
  /** The same for a command over a project, which gets its flags with everything else. */
  runInProject<F extends ProjectFlags>(flags: F, work: (command: InProject<F>) => Promise<number>): Promise<void>;
  finish(exitCode: number): void;
}

/** The environment of a command. */
export interface Surroundings {
  readonly environment: Environment;
  /** The folder given for all commands, or the working directory. */
  readonly projectFolder: () => string;
  /** What set that folder; a flag is for this command, the environment for all. */
  readonly projectNamedBy: () => 'flag' | 'environment' | undefined;
}

type ProjectChoice = Pick<OpenOptions, 'projectFolder' | 'environment' | 'version'>;

/** Flags of every command over a project. */
export interface ProjectFlags {
  readonly project?: string;
  readonly json?: boolean;
}

/** The context of a command over a project: its flags, the project, and the terminal. */
export type InProject<F extends ProjectFlags> = Omit<F, 'project'> & ProjectChoice & Running;
