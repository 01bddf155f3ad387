import {
  type CollectionCounts,
  type CollectionItem,
  type CollectionReport,
  collectGarbage,
  listCollectionItems,
} from '#engine';
import { toSizeText } from '#store';
import { withProject } from '../../../serve/open-project.ts';
import { collectionRoots, foldersToCollect } from '../../../serve/wire-cleanup.ts';
import type { InProject, ProjectFlags } from '../../context.ts';
import { printable } from '../../ending.ts';
import { EXIT_CODES } from '../../exit-codes.ts';
import { actorOf } from '../../flags.ts';
import { type CommandChange, thenOnRecord } from '../../on-record.ts';

export interface CollectFlags extends ProjectFlags {
  readonly dryRun?: boolean;
  readonly plan?: string;
  readonly graceHours?: number;
  readonly unusedDays?: number;
  readonly by?: string;
}

const HOUR_MS = 3_600_000;
/** Most items listed as text; `--json` lists all. */
const LISTED_MAX = 50;

/** Removes what is no longer needed, or lists it. */
export function collect(options: InProject<CollectFlags>): Promise<number> {
  const { print, show } = options;
  return withProject('project', options, async (project) => {
    const { wiring } = project;
    const collection = await show(options.dryRun ? 'Looking for what can be removed' : 'Collecting', (report) =>
      thenOnRecord(wiring.database, recordedAs(options), () =>
        collectGarbage({
          ...{ database: wiring.database, artifacts: wiring.artifacts, tasks: wiring.tasks, roots: collectionRoots },
          sinks: wiring.sinks,
          ...{
            actor: actorOf(options.by),
            isDryRun: options.dryRun === true,
            folders: foldersToCollect(wiring.paths, project.code),
          },
          ...(options.plan === undefined ? {} : { plan: options.plan }),
          ...(options.graceHours === undefined ? {} : { graceMs: options.graceHours * HOUR_MS }),
          ...(options.unusedDays === undefined ? {} : { unusedDaysMax: options.unusedDays }),
          onProgress: ({ count, countMax }) => {
            if (countMax !== undefined && countMax > 0) report(count / countMax);
          },
        }),
      ),
    );
    const items: CollectionItem[] = [];
    let more = 0;
    for await (const item of listCollectionItems(wiring.database, collection.id)) {
      if (options.json || items.length < LISTED_MAX) items.push(item);
      else more++;
    }
    print(
      options.json ? `${JSON.stringify({ ...collection, items })}\n` : printable(toText(collection, { items, more })),
    );
    return Object.values(collection.left).some(({ count }) => count > 0) ? EXIT_CODES.failed : EXIT_CODES.done;
  });
}

const recordedAs = ({ by, plan, graceHours, unusedDays }: CollectFlags): CommandChange<CollectionReport> => ({
  ...{ action: 'weir gc', by, toTarget: ({ id }) => `plan=${id}` },
  toAfter: ({ isDryRun, planned, removed, kept, left }) => ({
    ...{ asked: { plan, graceHours, unusedDays, isDryRun }, planned, removed, kept, left },
  }),
});

function toText(
  report: CollectionReport,
  { items, more }: { readonly items: readonly CollectionItem[]; readonly more: number },
): string {
  const { id, isDryRun, hasResumed, planned, removed, kept, left } = report;
  const lines = items.map(
    ({ kind, name, reason, state, keptBecause }) =>
      `  ${(isDryRun && state !== 'kept' ? kind : state).padEnd(14)}  ${name}: ${keptBecause ?? reason}\n`,
  );
  const rest = more === 0 ? '' : `  … and ${more} more; --json lists all\n`;
  const resumed = hasResumed ? 'An earlier collection that was interrupted was finished first.\n' : '';
  const last = isDryRun
    ? `${countText(planned)} would be removed; execute this plan with: weir gc --plan ${id}\n`
    : `${countText(removed)} removed, ${countText(kept)} kept\n`;
  const failed = Object.values(left).some(({ count }) => count > 0);
  const again = failed && !isDryRun ? `${countText(left)} could not be removed; the next collection retries\n` : '';
  return `${resumed}${lines.join('')}${rest}${last}${again}`;
}

function countText(counts: CollectionCounts): string {
  const all = Object.values(counts);
  const count = all.reduce((sum, each) => sum + each.count, 0);
  const sizeBytes = all.reduce((sum, each) => sum + each.sizeBytes, 0);
  return `${count.toLocaleString('en-US')} (${toSizeText(sizeBytes)})`;
}
