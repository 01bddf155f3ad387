import type { Severity } from '../contract.ts';
import { ContractError } from '../errors.ts';

export interface SeverityOption {
  readonly severity?: Severity;
}

/** Refuses a bound that is no finite number, and bounds in the wrong order. */
export function assertBounds(name: string, bounds: { readonly min?: number; readonly max?: number }): void {
  const { min, max } = bounds;
  for (const [bound, value] of Object.entries({ min, max })) {
    if (value !== undefined && !Number.isFinite(value)) {
      throw invalid(`${name} expects ${bound} to be a finite number; got ${value}.`);
    }
  }
  if (min === undefined && max === undefined) throw invalid(`${name} expects min, max or both; got neither.`);
  if (min !== undefined && max !== undefined && min > max) {
    throw invalid(`${name} expects min ≤ max; got min ${min} and max ${max}.`);
  }
}

/** "between 1 and 5", "at least 1" or "at most 5". */
export function boundsInWords({ min, max }: { readonly min?: number; readonly max?: number }): string {
  if (min !== undefined && max !== undefined) return min === max ? `exactly ${min}` : `between ${min} and ${max}`;
  return min === undefined ? `at most ${max}` : `at least ${min}`;
}

export function invalid(message: string): ContractError {
  return new ContractError('expectation_invalid', message);
}
