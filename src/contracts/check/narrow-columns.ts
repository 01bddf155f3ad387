import type { HeaderMatch } from './match-header.ts';
import type { CheckPlan } from './plan-groups.ts';

/** The columns of a file that SQL reads, as a file of their own has them. */
export interface NarrowColumns extends Pick<HeaderMatch, 'names' | 'positions'> {
  /** Their places in the whole file, in ascending order. */
  readonly places: readonly number[];
}

/** The columns that the groups of a plan read; the first of the file where they read none, as rows are counted too. */
export function narrowColumns({ groups }: CheckPlan, { names, positions }: HeaderMatch): NarrowColumns {
  const used = new Set(groups.flatMap((group) => [...group.used]));
  const read = [...positions].filter(([name]) => used.has(name)).sort(([, a], [, b]) => a - b);
  if (read.length === 0) return { places: [0], names: names.slice(0, 1), positions: new Map() };
  return {
    places: read.map(([, place]) => place),
    names: read.map(([name]) => name),
    positions: new Map(read.map(([name], at) => [name, at])),
  };
}
