import { useQuery } from '@tanstack/react-query';
import type { ContractColumn } from '#api';
import { contractQuery } from './queries.ts';

/** The column that is predicted, once the contract is known: its numbers have its unit and decimals everywhere. */
export function useLabelColumn(): ContractColumn | undefined {
  return useQuery(contractQuery).data?.columns.find(({ role }) => role === 'label');
}
