import type { TableAnswer } from './answer-by-counters.ts';
import type { HeaderRule } from './rule.ts';

/** A column of the file or of the contract, and its place in each; undefined where it is not. */
export interface HeaderName {
  readonly name: string;
  readonly position?: number;
  readonly contractPosition?: number;
}

/** The answer to a rule of the header, as its SQL gives it. */
export function answerByHeader(rule: HeaderRule, names: readonly HeaderName[]): TableAnswer {
  if (rule.test === 'count') {
    const { min = 0, max = Number.POSITIVE_INFINITY } = rule;
    const count = names.filter(({ position }) => position !== undefined).length;
    return { isMet: count >= min && count <= max, observed: count };
  }
  const { order = false } = rule;
  const odd = names
    .filter(({ position, contractPosition }) => {
      if (position === undefined || contractPosition === undefined) return true;
      return order && position !== contractPosition;
    })
    .toSorted((a, b) => placeOf(a) - placeOf(b));
  return { isMet: odd.length === 0, observed: odd.length === 0 ? null : odd.map(({ name }) => name).join(', ') };
}

function placeOf({ position, contractPosition = 0 }: HeaderName): number {
  return position ?? contractPosition;
}
