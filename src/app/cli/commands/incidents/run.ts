import { type Incident, listIncidents, shortDigest } from '#engine';
import { withProject } from '../../../serve/open-project.ts';
import type { InProject, ProjectFlags } from '../../context.ts';
import { printable } from '../../ending.ts';
import { EXIT_CODES } from '../../exit-codes.ts';

export interface IncidentsFlags extends ProjectFlags {
  readonly limit: number;
}

/** Lists stored bytes that were damaged or missing. */
export async function showIncidents(options: InProject<IncidentsFlags>): Promise<number> {
  const { limit, json, print } = options;
  const incidents = await withProject('records', options, ({ database }) => listIncidents(database, { limit }));
  print(
    json
      ? `${JSON.stringify({ incidents })}\n`
      : printable(incidents.map(paragraphOf).join('') || 'No stored result was found damaged or missing\n'),
  );
  return EXIT_CODES.done;
}

function paragraphOf({ kind, digest, foundBy, foundAt, action, goals }: Incident): string {
  const head = `  ${foundAt.toISOString()}  ${kind}  ${shortDigest(digest)}, found by ${foundBy}: ${action}\n`;
  return `${head}${goals.map((goal) => `    ${goal}\n`).join('')}`;
}
