import type { Column, Contract } from '#contracts';
import type { FeatureRow } from '../prediction.ts';
import { categoryIn, cellOf, timePartIn } from './cell.ts';
import type { Features } from './features.ts';

/** What of a time becomes categories. */
const PARTS = ['month', 'weekday', 'hour'] as const;

/**
 * Of rows without end those that coded features are fitted to: the first with each category, and with each month, weekday and hour. The
 * features are the same as of all rows. Undefined where a mean, a median or a most frequent value is asked for, which all
 * rows decide.
 */
export function maybeTellingRows(features: Features, contract: Contract) {
  const asked = Object.values(features.columns);
  if (asked.some((each) => each !== 'omit' && ((each.impute ?? 'none') !== 'none' || each.scale === 'standard')))
    return undefined;
  const watched = Object.entries(contract.columns).flatMap(([name, column]) => {
    const feature = Object.hasOwn(features.columns, name) ? features.columns[name] : undefined;
    const isTelling = feature !== 'omit' && (feature?.as === 'category' || tells(column));
    return isTelling
      ? [{ name, isTime: column.role === 'time' && feature?.as === undefined, seen: new Set<string>() }]
      : [];
  });
  const kept: FeatureRow[] = [];
  let count = 0;
  return {
    add: (row: FeatureRow): void => {
      count += 1;
      let isNew = count === 1;
      for (const { name, isTime, seen } of watched) {
        const cell = cellOf(row, name);
        const told = isTime
          ? PARTS.map((part) => timePartIn(cell, { column: name, row: count - 1, part })).join()
          : categoryIn(cell);
        if (told === undefined || seen.has(told)) continue;
        seen.add(told);
        isNew = true;
      }
      if (isNew) kept.push(row);
    },
    rows: (): readonly FeatureRow[] => kept,
    count: (): number => count,
  };
}

const tells = ({ kind, role }: Column): boolean =>
  (role === 'feature' && kind === 'category') || (role === 'time' && (kind === 'date' || kind === 'timestamp'));
