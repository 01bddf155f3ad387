import { createHash } from 'node:crypto';
import { type Contract, writtenNames } from '#contracts';

/**
 * Digest of what a contract requires. It is a param of every task that checks, so that a changed contract is a changed
 * goal. An expectation is represented by its rule, and one that has none by its SQL over placeholder names.
 */
export function contractIdentity(contract: Contract): string {
  const names = writtenNames(contract.columns);
  const { expectations: asserted, description: _, documentRules: __, ...rest } = contract;
  const expectations = asserted.map(({ sql, ...described }) =>
    described.rule === undefined ? { ...described, sql: sql(names) } : described,
  );
  const text = JSON.stringify({ ...rest, expectations });
  return createHash('sha256').update(text).digest('hex');
}
