import type { Environment } from '../project/config.ts';

/** What a command knows about where it was started. */
export interface Surroundings {
  readonly environment: Environment;
  /** The folder named for all commands, or the one it was started in. */
  readonly projectFolder: () => string;
  /** What named that folder; a flag is meant for this command, the environment for all. */
  readonly projectNamedBy: () => 'flag' | 'environment' | undefined;
}

/** The flags that say what a file must be. */
export interface ContractFlags {
  readonly contract?: string;
  /** Which schema object of a data contract in YAML. */
  readonly schema?: string;
  readonly withLabel?: boolean;
}
