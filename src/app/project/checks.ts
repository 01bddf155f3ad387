import { withoutValues } from '#contracts';
import type { Project } from '#pipelines';
import type { Config } from './config.ts';

/** The project with the contract that its files are checked against: without values where the settings say so. */
export function withChecksOf(project: Project, { checks }: Pick<Config, 'checks'>): Project {
  if (checks.showValues || project.contract === undefined) return project;
  return { ...project, contract: withoutValues(project.contract) };
}
