import { UsageError } from '../../../project/errors.ts';
import type { WorkerGroup } from './deployment.ts';

/** So many of the group that has the tasks without a pool; the machines of a pool are often dear. */
const REPLICAS_DEFAULT = 2;
const NAME_MAX = 30;

/**
 * The groups of workers that were asked for, each by its labels, separated by commas. `known` are the labels of the project,
 * and each has to be served: tasks of one that is not would wait for ever.
 */
export function workerGroups(asked: readonly string[] | undefined, known: readonly string[]): readonly WorkerGroup[] {
  if (asked === undefined) return [{ name: 'worker', labels: undefined, replicas: REPLICAS_DEFAULT }];
  const groups = asked.map((text) => text.split(',').map((label) => label.trim()));
  const served = groups.flat();
  const unknown = served.find((label) => !known.includes(label));
  if (unknown !== undefined)
    throw unfit(
      `expected ${list(known)} after --workers; got ${JSON.stringify(unknown)}. A pool is named in engine.pools`,
    );
  const unserved = known.filter((label) => !served.includes(label));
  if (unserved.length > 0)
    throw unfit(
      `no workers would serve ${list(unserved)}, whose tasks would wait for ever. Add: --workers "${unserved.join(',')}"`,
    );
  const named = groups.map(toGroup);
  const nameless = named.find(({ name }) => name.endsWith('-'));
  if (nameless !== undefined)
    throw unfit(
      `${list(nameless.labels ?? [])} has no letter or digit for the name of its workers. Put it into one group with others`,
    );
  const twice = named.find(({ name }, index) => named.findIndex((other) => other.name === name) !== index);
  if (twice !== undefined)
    throw unfit(
      `two groups of --workers would have the name ${twice.name}. Name the labels of each once, in one group`,
    );
  return named;
}

function toGroup(labels: readonly string[]): WorkerGroup {
  if (labels.includes('default')) return { name: 'worker', labels, replicas: REPLICAS_DEFAULT };
  return { name: `worker-${toName(labels.join('-'))}`, labels, replicas: 1 };
}

/** As names in Kubernetes and compose may be, and short enough behind the name of a project. */
const toName = (label: string): string =>
  label
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, NAME_MAX)
    .replace(/^-+|-+$/g, '');

const list = (labels: readonly string[]): string => labels.join(', ');
const unfit = (problem: string): UsageError =>
  new UsageError('usage_invalid', `Workers cannot be arranged so: ${problem}.`);
