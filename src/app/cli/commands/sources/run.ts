import {
  confirmRemoval,
  describeGoal,
  getRun,
  listRemovals,
  listRunListings,
  listSources,
  listStale,
  type Removal,
  type SourceRecord,
  type StaleGoal,
} from '#engine';
import { UsageError } from '../../../project/errors.ts';
import { withProject } from '../../../serve/open-project.ts';
import type { InProject, ProjectFlags } from '../../context.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { actorOf } from '../../flags.ts';
import { onRecord } from '../../on-record.ts';

export interface ConfirmFlags extends ProjectFlags {
  readonly reason: string;
}

export interface SourcesFlags extends ProjectFlags {
  readonly run?: string;
}

/** Says what is known of each source, or what a run saw of it, without asking the source. */
export async function showSources(options: InProject<SourcesFlags>): Promise<number> {
  if (options.run !== undefined) return showSeen(options.run, options);
  const known = await withProject('records', options, async ({ database }) => ({
    sources: await listSources(database),
    stale: await listStale(database),
  }));
  options.print(options.json ? `${JSON.stringify(known)}\n` : toText(known.sources, known.stale));
  return EXIT_CODES.done;
}

/** Says which listing of each source a run has used, with a warning where the source said something else. */
async function showSeen(run: string, options: InProject<ProjectFlags>): Promise<number> {
  const seen = await withProject('records', options, async ({ database }) => {
    if ((await getRun(database, run)) === undefined)
      throw new UsageError('run_unknown', `There is no run ${run}. List them with: weir runs`);
    return listRunListings(database, run);
  });
  const lines = seen.map(
    ({ source, listing, warning }) => `${source}: listing ${listing}${warning === null ? '' : `; ${warning}`}\n`,
  );
  options.print(
    options.json ? `${JSON.stringify({ runId: run, sources: seen })}\n` : lines.join('') || 'It read no source\n',
  );
  return EXIT_CODES.done;
}

/** Lists removals, also those that were decided. */
export async function showRemovals(options: InProject<ProjectFlags>): Promise<number> {
  const removals = await withProject('records', options, ({ database }) => listRemovals(database));
  options.print(
    options.json
      ? `${JSON.stringify({ removals })}\n`
      : removals.map(removalLine).join('') || 'No removal had to be confirmed\n',
  );
  return EXIT_CODES.done;
}

function removalLine({ id, source, names, partitionCount, state, foundAt, actor, reason }: Removal): string {
  const decided = actor === null ? '' : ` by ${actor}: ${reason}`;
  return `  ${id.padStart(6)}  ${source}  ${names.length} of ${partitionCount}  ${foundAt.toISOString()}  ${state}${decided}\n`;
}

/** Confirms a removal in the name of the user of this machine. */
export async function confirm(id: string, options: InProject<ConfirmFlags>): Promise<number> {
  const { reason, json, print } = options;
  const actor = actorOf(undefined);
  const removal = await withProject('records', options, ({ database }) =>
    onRecord(
      database,
      { action: 'weir sources confirm', target: `removal=${id}`, reason, toAfter: (removal: Removal) => removal },
      (inside) => confirmRemoval(inside, { id, actor, reason }),
    ),
  );
  const { source, names } = removal;
  print(json ? `${JSON.stringify(removal)}\n` : `${names.length} partitions of ${source} are removed\n`);
  return EXIT_CODES.done;
}

/** Of each source. */
const STALE_LISTED_MAX = 20;
const NAMES_LISTED_MAX = 10;

function toText(sources: readonly SourceRecord[], stale: readonly StaleGoal[]): string {
  if (sources.length === 0) return 'No source was listed yet: that happens when a run first reads it.\n';
  return sources
    .map((source) =>
      paragraphOf(
        source,
        stale.filter((goal) => goal.source === source.source),
      ),
    )
    .join('');
}

function paragraphOf(record: SourceRecord, stale: readonly StaleGoal[]): string {
  const { source, partitionCount, changedAt, staleCount, waiting } = record;
  const listed = stale.slice(0, STALE_LISTED_MAX);
  const lines = [
    `${source}: ${partitionCount.toLocaleString('en-US')} partitions, since ${changedAt.toISOString()}`,
    ...(waiting === null ? [] : waitingLines(waiting)),
    ...listed.map((goal) => `  stale: ${describeGoal(goal)}: ${goal.reason}`),
    ...(staleCount > listed.length ? [`  and ${staleCount - listed.length} more are stale; --json lists all`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function waitingLines({ id, names, partitionCount }: NonNullable<SourceRecord['waiting']>): readonly string[] {
  const shown = names.slice(0, NAMES_LISTED_MAX).join(', ');
  const more = names.length > NAMES_LISTED_MAX ? ` and ${names.length - NAMES_LISTED_MAX} more` : '';
  return [
    `  waiting: removal ${id} of ${names.length} of ${partitionCount}: ${shown}${more}`,
    `  weir sources confirm ${id} --reason "…" confirms it; it is withdrawn when they are back`,
  ];
}
