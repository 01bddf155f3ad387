import type { Contract } from '#contracts';
import { withChecksOf } from '../project/checks.ts';
import type { Config } from '../project/config.ts';
import { UsageError } from '../project/errors.ts';
import { loadConfig } from '../project/load-config.ts';
import { loadProject } from '../project/load-project.ts';
import { pathsOf } from '../project/paths.ts';
import type { Surroundings } from './context.ts';

interface ProjectContract {
  readonly contract: Contract;
  readonly duckdb: Config['duckdb'];
}

/** The contract of the project in a folder, and its limits. Throws a UsageError when it has none. */
export async function readProjectContract(
  folder: string,
  environment: Surroundings['environment'],
): Promise<ProjectContract> {
  const config = await loadConfig(folder, environment);
  const paths = pathsOf(folder, config);
  const { contract, name } = withChecksOf((await loadProject(paths.project, paths.state)).project, config);
  if (contract !== undefined) return { contract, duckdb: config.duckdb };
  throw new UsageError(
    'contract_missing',
    `Expected a contract to go by, and project ${name} in ${paths.project} has none. Name a contract with --contract <file>.`,
  );
}
