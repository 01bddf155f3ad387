import type { CheckResult, Criticality, Verdict, Violation } from '../check-result.ts';
import type { CriticalityRules } from '../contract.ts';

/** Pass without violations, warn with warnings only, fail otherwise; quarantined is decided before. */
export function verdictOf(violations: readonly Violation[]): Verdict {
  if (violations.length === 0) return 'pass';
  return violations.some(({ severity }) => severity === 'fail') ? 'fail' : 'warn';
}

/**
 * How much a file's problems matter: high when it is quarantined, lacks a required column or at least `highShare` of its
 * rows are unusable; medium from `mediumShare` on, and when an expectation of the whole file fails; low for the rest.
 */
export function criticalityOf(
  { rows, violations, verdict }: Pick<CheckResult, 'rows' | 'violations' | 'verdict'>,
  rules: CriticalityRules,
): Criticality | undefined {
  if (verdict === 'pass') return undefined;
  if (verdict === 'quarantined') return 'high';
  const failing = violations.filter(({ severity }) => severity === 'fail');
  if (failing.some(({ category }) => category === 'missing-column')) return 'high';
  const unusable = rows.in === 0 ? 0 : (rows.bad + rows.rejected) / rows.in;
  if (unusable >= rules.highShare) return 'high';
  if (unusable >= rules.mediumShare) return 'medium';
  return 'low';
}
