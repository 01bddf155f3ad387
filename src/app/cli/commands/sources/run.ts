import os from 'node:os';
import { confirmRemoval, describeGoal, listSources, listStale, type SourceRecord, type StaleGoal } from '#engine';
import { withRecords } from '../../../serve/open-records.ts';
import type { OpenOptions } from '../../../serve/open-state.ts';
import { EXIT_CODES } from '../../ending.ts';

export interface SourcesOptions extends OpenOptions {
  readonly json?: boolean | undefined;
}

/** Says what is known of each source, without asking it. */
export async function showSources(options: SourcesOptions): Promise<number> {
  const told = await withRecords(options, async (database) => ({
    sources: await listSources(database),
    stale: await listStale(database),
  }));
  options.print(options.json ? `${JSON.stringify(told)}\n` : toText(told.sources, told.stale));
  return EXIT_CODES.done;
}

/** Confirms a removal in the name of the user of this machine. */
export async function confirm(id: string, options: SourcesOptions & { readonly reason: string }): Promise<number> {
  const { reason, json, print } = options;
  const actor = os.userInfo().username;
  const removal = await withRecords(options, (database) => confirmRemoval(database, { id, actor, reason }));
  const { source, names } = removal;
  print(json ? `${JSON.stringify(removal)}\n` : `${names.length} partitions of ${source} are removed\n`);
  return EXIT_CODES.done;
}

/** Of each source. */
const STALE_TOLD_MAX = 20;
const NAMES_TOLD_MAX = 10;

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
  const told = stale.slice(0, STALE_TOLD_MAX);
  const lines = [
    `${source}: ${partitionCount.toLocaleString('en-US')} partitions, since ${changedAt.toISOString()}`,
    ...(waiting === null ? [] : waitingLines(waiting)),
    ...told.map((goal) => `  stale: ${describeGoal(goal)}: ${goal.reason}`),
    ...(staleCount > told.length ? [`  and ${staleCount - told.length} more are stale; --json tells each`] : []),
  ];
  return `${lines.join('\n')}\n`;
}

function waitingLines({ id, names, partitionCount }: NonNullable<SourceRecord['waiting']>): readonly string[] {
  const shown = names.slice(0, NAMES_TOLD_MAX).join(', ');
  const more = names.length > NAMES_TOLD_MAX ? ` and ${names.length - NAMES_TOLD_MAX} more` : '';
  return [
    `  waiting: removal ${id} of ${names.length} of ${partitionCount}: ${shown}${more}`,
    `  weir sources confirm ${id} --reason "…" believes it; it is withdrawn when they are back`,
  ];
}
