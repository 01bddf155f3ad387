import type { ColumnKind } from '../cell.ts';
import { isDecimal } from '../kinds/decimal.ts';

export const COERCIONS = [
  'trim',
  'comma',
  'percent',
  'round',
  'words',
  'case',
  'lower',
  'upper',
  'epoch-seconds',
  'epoch-milliseconds',
  'clip',
] as const;
/**
 * A change that a column allows to its cells. `trim`: white space at both ends goes. `comma`: `1,5` is 1.5. `percent`: `12 %`
 * is 0.12. `round`: to a whole number, or to the scale of a decimal, half away from zero. `words`: yes, y, on and t are true;
 * no, n, off and f false. `case`: a category in another case. `lower`, `upper`: a text in that case. `epoch-seconds`,
 * `epoch-milliseconds`: since 1970, as a timestamp in UTC. `clip`: a value beyond a bound is the bound.
 */
export type Coercion = (typeof COERCIONS)[number];

/** How many cells of a column were changed, by coercion. */
export type CoercedCells = Readonly<Partial<Record<Coercion, number>>>;
/** The same by column; only of columns with such cells. */
export type Coerced = Readonly<Record<string, CoercedCells>>;

/** What columns of a kind allow. */
export function coercionsOf(kind: ColumnKind): readonly Coercion[] {
  if (isDecimal(kind)) return ['trim', 'comma', 'percent', 'round', 'clip'];
  switch (kind) {
    case 'number':
      return ['trim', 'comma', 'percent', 'clip'];
    case 'integer':
      return ['trim', 'comma', 'percent', 'round', 'clip'];
    case 'boolean':
      return ['trim', 'words'];
    case 'category':
      return ['trim', 'case'];
    case 'text':
      return ['trim', 'lower', 'upper'];
    case 'timestamp':
      return ['trim', 'epoch-seconds', 'epoch-milliseconds'];
    case 'date':
    case 'list':
    case 'struct':
      return ['trim'];
    case 'time':
    case 'duration':
      return ['trim', 'clip'];
    default:
      return kind satisfies never;
  }
}
