import type { Flag } from '../check/flags.ts';
import { type CountedColumn, presentColumns, toCounted } from '../check/plan-sweep.ts';
import { sparkIdentifier } from '../spark/spark-text.ts';
import type { SetColumns } from './set-columns.ts';
import { rawName } from './set-columns.ts';
import { hasFlag } from './set-flags.ts';

/** The columns whose empty cells are counted, and the means of their numbers. */
export const countedColumns = ({ contract, header }: SetColumns): readonly CountedColumn[] =>
  presentColumns(contract, header).map(toCounted);

/** Selects one row of counts: `rows`, `v<bit>` for each flag, `n<index>` and `a<index>` for each column. */
export function countsQuery(flags: readonly Flag[], { columns, header, from }: CountsOptions): string {
  const counts = [
    'count(*) as weir_n',
    ...flags.map((flag) => `count(case when ${hasFlag(flag)} then 1 end) as v${flag.bit}`),
    ...columns.map(({ name, index }) => `count(*) - count(${rawName(header.positions.get(name) ?? -1)}) as n${index}`),
    ...columns.flatMap(({ name, index, hasMean }) => (hasMean ? [`avg(${sparkIdentifier(name)}) as a${index}`] : [])),
  ];
  return `select ${counts.join(', ')} from ${from}`;
}

interface CountsOptions extends Pick<SetColumns, 'header'> {
  readonly columns: readonly CountedColumn[];
  /** The view of the rows with their flags. */
  readonly from: string;
}
