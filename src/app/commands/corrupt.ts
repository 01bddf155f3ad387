import { corruptCsv, withoutRoles } from '#contracts';
import { type Environment, loadConfig } from '../config.ts';
import { loadProject } from '../load-project.ts';
import { pathsOf } from '../paths.ts';

export interface CorruptCommand {
  readonly out: string;
  readonly share: number;
  readonly seed: number;
  /** Comma-separated; every kind when absent. */
  readonly kinds?: string;
  readonly projectFolder: string;
  readonly environment: Environment;
}

/** Writes a copy of a CSV file with errors that break the project's contract. Returns the exit code. */
export async function corruptCommand(csv: string, options: CorruptCommand): Promise<number> {
  const { out, share, seed, kinds, projectFolder, environment } = options;
  const paths = pathsOf(projectFolder, await loadConfig(projectFolder, environment));
  const { contract } = await loadProject(paths.project, paths.state);
  const corrupted = await corruptCsv({
    path: csv,
    out,
    contract: withoutRoles(contract, ['label']),
    share,
    seed,
    ...(kinds === undefined ? {} : { kinds: kinds.split(',') }),
  });
  process.stdout.write(`${JSON.stringify(corrupted)}\n`);
  return 0;
}
