import type { CheckResult, Violation } from '../check-result.ts';
import type { Coerced } from '../coercions/coercion.ts';
import type { ProblemCategory, Unchecked } from '../contract.ts';

const NAMED_MAX = 3;

type SummaryFacts = Pick<CheckResult, 'rows' | 'verdict' | 'violations' | 'unchecked'> & {
  readonly coerced?: Coerced | undefined;
};

/** A summary in one line: "100 rows: 62 good, 38 bad; age is between 0 and 100 (not in 21 rows); …". */
export function summaryOf(result: SummaryFacts): string {
  const { rows, violations, unchecked = [], coerced } = result;
  const worst = [...violations].sort((a, b) => weight(b) - weight(a)).slice(0, NAMED_MAX);
  const named = worst.map(inWords);
  const more = violations.length > NAMED_MAX ? [`and ${violations.length - NAMED_MAX} more problems`] : [];
  if (result.verdict === 'quarantined') return `quarantined: ${named.join('; ')}`;
  return [countsInWords(rows), ...named, ...more, ...coercedInWords(coerced), ...uncheckedInWords(unchecked)].join(
    '; ',
  );
}

/** "cells of price were changed: trim in 12, comma in 10", and the same of the other columns. */
export function coercedInWords(coerced: Coerced | undefined = {}): readonly string[] {
  return Object.entries(coerced).map(([column, counts]) => {
    const words = Object.entries(counts).map(([coercion, cells]) => `${coercion} in ${cells}`);
    return `cells of ${column} were changed: ${words.join(', ')}`;
  });
}

/** "2 rules of the contract are not checked: orders.quality[0] (text: fresh), …". */
export function uncheckedInWords(unchecked: readonly Unchecked[]): readonly string[] {
  if (unchecked.length === 0) return [];
  const named = unchecked.slice(0, NAMED_MAX).map(({ path, rule }) => `${path} (${rule})`);
  const more = unchecked.length > NAMED_MAX ? [`and ${unchecked.length - NAMED_MAX} more`] : [];
  const count = unchecked.length === 1 ? '1 rule of the contract is' : `${unchecked.length} rules of the contract are`;
  return [`${count} not checked: ${[...named, ...more].join(', ')}`];
}

/** Sentences of these categories say what was found; the others what was expected. */
const FOUND: readonly string[] = ['structure', 'missing-column'] satisfies readonly ProblemCategory[];

function inWords({ sentence, category, rows }: Violation): string {
  // A violation of the whole file says what was found.
  if (rows === 0 || sentence.includes('; found ')) return sentence;
  return `${sentence} (${FOUND.includes(category) ? '' : 'not in '}${countOf(rows)})`;
}

function weight({ severity, rows }: CheckResult['violations'][number]): number {
  return (severity === 'fail' ? 1e15 : 0) + rows;
}

function countsInWords({ in: total, good, bad, rejected }: CheckResult['rows']): string {
  if (total === 0) return 'no rows';
  const parts = [
    good > 0 ? `${good} good` : '',
    bad > 0 ? `${bad} bad` : '',
    rejected > 0 ? `${rejected} unreadable` : '',
  ].filter((part) => part !== '');
  return `${countOf(total)}: ${parts.join(', ')}`;
}

function countOf(rows: number): string {
  return rows === 1 ? '1 row' : `${rows} rows`;
}
