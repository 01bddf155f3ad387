import { describeGoal, openVersions, shortDigest, type Version } from '#engine';
import { toCountText } from '#store';
import { withProject } from '../../../serve/open-project.ts';
import type { InProject, ProjectFlags } from '../../context.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { parseGoal } from '../../parse-goal.ts';

export interface VersionsFlags extends ProjectFlags {
  readonly params?: string;
  readonly limit: number;
}

/** Lists the versions of a goal. */
export async function listVersions(text: string, options: InProject<VersionsFlags>): Promise<number> {
  const goal = parseGoal(text, options.params);
  const found = await withProject('project', options, ({ wiring }) =>
    openVersions(wiring).list(goal, { limit: options.limit }),
  );
  options.print(
    options.json
      ? `${JSON.stringify({ goal, versions: found })}\n`
      : `${found.map(versionLine).join('')}${toCountText(found.length, 'version')} of ${describeGoal(goal)}\n`,
  );
  return EXIT_CODES.done;
}

function versionLine({ version, key, runId, committedAt, acceptedFrom, isPinned }: Version): string {
  const by = acceptedFrom !== null ? `accepted from ${acceptedFrom}` : runId === null ? 'made' : `made by run ${runId}`;
  return `  ${version.padStart(6)}  ${shortDigest(key)}  ${committedAt.toISOString()}  ${by}${isPinned ? ', pinned' : ''}\n`;
}
