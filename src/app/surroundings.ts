import type { Environment } from './config.ts';

/** What a command knows about where it was started. */
export interface Surroundings {
  readonly environment: Environment;
  /** The folder named for all commands, or the one it was started in. */
  readonly projectFolder: () => string;
  /** Whether somebody named that folder. */
  readonly isProjectNamed: () => boolean;
}

/** The flags that say what a file must be. */
export interface ContractFlags {
  readonly contract?: string;
  readonly project?: string;
  readonly withLabel?: boolean;
}
