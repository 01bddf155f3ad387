import { type Acceptance, listAcceptances } from '#engine';
import { withProject } from '../../../serve/open-project.ts';
import type { InProject, ProjectFlags } from '../../context.ts';
import { printable } from '../../ending.ts';
import { EXIT_CODES } from '../../exit-codes.ts';

export interface AcceptancesFlags extends ProjectFlags {
  readonly limit: number;
}

/** Lists what `weir accept` declared, of one task or of all. */
export async function showAcceptances(task: string | undefined, options: InProject<AcceptancesFlags>): Promise<number> {
  const { limit, json, print } = options;
  const acceptances = await withProject('records', options, ({ database }) =>
    listAcceptances(database, { limit, ...(task === undefined ? {} : { task }) }),
  );
  print(
    json
      ? `${JSON.stringify({ acceptances })}\n`
      : printable(acceptances.map(lineOf).join('') || 'No result was accepted\n'),
  );
  return EXIT_CODES.done;
}

function lineOf({ task, fromVersion, toVersion, actor, reason, acceptedAt }: Acceptance): string {
  return `  ${acceptedAt.toISOString()}  ${task}: version ${fromVersion} as ${toVersion}, by ${actor}: ${reason}\n`;
}
