import type { FastifyInstance } from 'fastify';
import { type ContractAnswer, routes } from '#api';
import { type Contract, type FileFormat, jsonRulesOf, maybeColumnWithRole } from '#contracts';
import { toContractColumn } from '../contract-column.ts';
import { ServerError } from '../errors.ts';
import { acceptedColumns } from '../predictions/contract-rows.ts';
import type { RouteContext } from './context.ts';
import { fulfil } from './fulfil.ts';

export function registerContract(app: FastifyInstance, { contract }: RouteContext): void {
  const answer = contract && toAnswer(contract);
  fulfil(app, routes.contract, {
    handle: () => {
      if (answer === undefined) throw new ServerError('model_absent');
      return answer;
    },
  });
}

function toAnswer(contract: Contract): ContractAnswer {
  const { name, description, columns, delimiter, format, expectations } = contract;
  const label = maybeColumnWithRole(contract, 'label') ?? '';
  // What a row to predict is asked about.
  const rules = jsonRulesOf(acceptedColumns(contract).accepted);
  return {
    name,
    ...(description === undefined ? {} : { description }),
    columns: Object.entries(columns).map(([column, definition]) => toContractColumn(column, definition)),
    delimiter,
    ...(format && { format: toFormat(format) }),
    label,
    expectations: expectations.map(({ sentence }) => sentence),
    ...(rules.length === 0 ? {} : { rules: rules.map(({ sentence, rule }) => ({ sentence, rule: { ...rule } })) }),
  };
}

/** Lists of the API may be changed by who reads them. */
function toFormat({ nulls, dates, timestamps, booleans, ...rest }: FileFormat): NonNullable<ContractAnswer['format']> {
  return {
    ...rest,
    ...(nulls && { nulls: [...nulls] }),
    ...(dates && { dates: [...dates] }),
    ...(timestamps && { timestamps: [...timestamps] }),
    ...(booleans && { booleans: { true: [...booleans.true], false: [...booleans.false] } }),
  };
}
