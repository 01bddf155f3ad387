export { type CheckFileOptions, type CheckOutcome, checkFile } from './check/check-file.ts';
export { type ReadGoodRowsOptions, readGoodRows, type TypedRow } from './check/read-good-rows.ts';
export type { CheckResult, Criticality, Verdict, Violation } from './check-result.ts';
export {
  boolean,
  type ColumnOptions,
  category,
  date,
  integer,
  type NumberOptions,
  number,
  type TextOptions,
  text,
  timestamp,
} from './columns.ts';
export {
  type Column,
  type ColumnKind,
  type Contract,
  type CriticalityRules,
  type Expectation,
  PROBLEM_CATEGORIES,
  type ProblemCategory,
  type Role,
  type Severity,
  type SqlNames,
} from './contract.ts';
export { type ContractOptions, defineContract, type RowOf, type ValueOf, withoutRoles } from './define-contract.ts';
export { ContractError, type ContractErrorCode } from './errors.ts';
export * from './expectations/index.ts';
