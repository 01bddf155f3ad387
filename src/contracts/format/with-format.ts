import type { Contract } from '../contract.ts';
import { defineFormat } from './define-format.ts';
import type { FileFormat } from './file-format.ts';

/**
 * The same contract for files that differ from its `format` in some settings. Example: `withFormat(payments, { skipLines: 3 })`.
 *
 * @throws ContractError `contract_invalid` when they contradict each other, or settings of the contract.
 */
export function withFormat(contract: Contract, settings: FileFormat): Contract {
  const { format: own, ...rest } = contract;
  const { name, delimiter } = contract;
  const format = defineFormat(name, { format: { ...own, ...settings }, delimiter });
  return Object.freeze(format === undefined ? rest : { ...rest, format });
}
