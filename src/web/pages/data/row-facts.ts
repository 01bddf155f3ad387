import type { Check } from '#api';
import { toNumberText } from '../../format.ts';

/** How many rows a file has, by what became of them. Those of a quarantined file are not zero but unknown. */
export function toRowFacts({ verdict, rows }: Pick<Check, 'verdict' | 'rows'>): { name: string; value: string }[] {
  if (verdict === 'quarantined') return [{ name: 'Rows', value: 'Not counted: the file is kept whole' }];
  return [
    { name: 'Rows', value: toNumberText(rows.in) },
    { name: 'Good', value: toNumberText(rows.good) },
    { name: 'Bad', value: toNumberText(rows.bad) },
    { name: 'Rejected', value: toNumberText(rows.rejected) },
  ];
}
