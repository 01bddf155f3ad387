import { describeGoal, openVersions, type Version } from '#engine';
import { withProject } from '../../../serve/open-project.ts';
import type { OpenOptions } from '../../../serve/open-state.ts';
import { EXIT_CODES } from '../../ending.ts';
import { parseGoal } from '../../parse-goal.ts';

export interface VersionsFlags {
  readonly project?: string;
  readonly params?: string;
  readonly limit: number;
  readonly json?: boolean;
}

export interface VersionsCommand extends OpenOptions, Omit<VersionsFlags, 'project'> {}

const KEY_LENGTH = 12;

/** Lists the results there are of a goal. */
export async function listVersions(text: string, options: VersionsCommand): Promise<number> {
  const goal = parseGoal(text, options.params);
  const found = await withProject(options, ({ wiring }) => openVersions(wiring).list(goal, { limit: options.limit }));
  options.print(
    options.json
      ? `${JSON.stringify({ goal, versions: found })}\n`
      : `${found.map(versionLine).join('')}${found.length} version(s) of ${describeGoal(goal)}\n`,
  );
  return EXIT_CODES.done;
}

function versionLine({ version, key, runId, committedAt, acceptedFrom, isPinned }: Version): string {
  const by = acceptedFrom !== null ? `accepted from ${acceptedFrom}` : runId === null ? 'made' : `made by run ${runId}`;
  return `  ${version.padStart(6)}  ${key.slice(0, KEY_LENGTH)}  ${committedAt.toISOString()}  ${by}${isPinned ? ', pinned' : ''}\n`;
}
