export { addRowIds } from './check/add-row-ids.ts';
export { checkFile } from './check/check-file.ts';
export type { CheckFileOptions } from './check/check-file-options.ts';
export type { CheckOutcome } from './check/check-outcome.ts';
export { type CheckedRows, checkRows, type RowProblem, startRowsCheck } from './check/check-rows.ts';
export { copyColumns } from './check/copy-columns.ts';
export { LABEL_FIELDS, type LabelField, labelFileNames } from './check/label-header.ts';
export { datasetsNamedBy, withoutDatasets } from './check/other-datasets.ts';
export { goodLineReader, readGoodRows, type TypedRow } from './check/read-good-rows.ts';
export { type BadLine, readBadLines, readReasons, readRejectedLines } from './check/read-reasons.ts';
export { jsonRulesOf } from './check/row-rules.ts';
export { hasSensitive, withoutValues } from './check/sensitive.ts';
export type {
  CheckedPartition,
  CheckResult,
  Criticality,
  ExampleValue,
  Verdict,
  Violation,
  ViolationExample,
} from './check-result.ts';
export { checkOnEngine } from './cluster/check-on-engine.ts';
export { interruptLeftRunning, noteRunning } from './cluster/left-running.ts';
export type { SetFile } from './cluster/open-set.ts';
export { profileOnEngine } from './cluster/profile/profile-on-engine.ts';
export type { Coerced, CoercedCells, Coercion } from './coercions/coercion.ts';
export { CoercionCounts } from './coercions/coercion-counts.ts';
export { type CollectedPart, type CollectedRows, collectRows } from './collect/collect-rows.ts';
export { type ComparedRows, compareRows } from './collect/compare-rows.ts';
export { columnWithRole, maybeColumnWithRole } from './column-with-role.ts';
export {
  boolean,
  type ColumnOptions,
  category,
  type DecimalOptions,
  date,
  decimal,
  duration,
  integer,
  type ListOptions,
  list,
  type NumberOptions,
  number,
  struct,
  type TextOptions,
  type TimeOptions,
  text,
  time,
  timestamp,
} from './columns.ts';
export type {
  CellValue,
  Column,
  ColumnKind,
  Contract,
  CriticalityRules,
  DecimalKind,
  DocumentRule,
  Evolution,
  Expectation,
  Role,
  Severity,
  SqlNames,
  Unchecked,
} from './contract.ts';
export { type CorruptFile, type CorruptFileOptions, corruptFile, ERROR_KINDS } from './corrupt/corrupt-file.ts';
export type { InjectedError } from './corrupt/injector.ts';
export {
  type ContractOptions,
  type DefinedContract,
  defineContract,
  inEnvironment,
  type RowOf,
  type ValueOf,
  withoutFormat,
  withoutRoles,
  writtenNames,
} from './define-contract.ts';
export {
  type BinRows,
  chiSquareOf,
  comparedCount,
  type Difference,
  differenceOf,
  stabilityByBin,
} from './distribution/difference.ts';
export type { NumberRange, Reference } from './distribution/reference.ts';
export { binNumbers } from './distribution/samples.ts';
export { ContractError, type ContractErrorCode } from './errors.ts';
export { exampleText } from './example-text.ts';
export type { ExpectationOptions } from './expectations/expectation-options.ts';
export { forColumns } from './expectations/for-columns.ts';
export * from './expectations/index.ts';
export { type FindFormatOptions, type FoundFormat, findFormat } from './find-format/find-format.ts';
export { ENCODING_EXAMPLES, maybeEncoding } from './format/encodings.ts';
export type { FileFormat } from './format/file-format.ts';
export { withFormat } from './format/with-format.ts';
export { foldCheckCounts } from './history/fold-counts.ts';
export { forgetChecks } from './history/forget-checks.ts';
export { getCheck, listChecks, type StoredCheck, type StoredCheckDetail, saveCheck } from './history/history.ts';
export { reportDigests } from './history/kept-digests.ts';
export { readTrends } from './history/trends.ts';
export { type FromOdcsOptions, fromOdcs } from './interchange/from-odcs.ts';
export { type JsonSchema, toColumnSchema, toJsonSchema } from './interchange/to-json-schema.ts';
export { type ToOdcsOptions, toOdcs } from './interchange/to-odcs.ts';
export { maybeValue } from './kinds/cell-value.ts';
export { isDecimal } from './kinds/decimal.ts';
export { type DuckdbType, duckdbTypeOf } from './kinds/duckdb-type.ts';
export { momentOf } from './kinds/moments.ts';
export { numberOfText } from './kinds/number-of-text.ts';
export { isOrdered } from './kinds/text-bounds.ts';
export { checkPartitions, type PartitionsOutcome } from './partitions/check-partitions.ts';
export type { CheckPartitionsOptions, DatasetPartition } from './partitions/check-partitions-options.ts';
export { type FoundPartitions, maybeFindPartitions } from './partitions/find-partitions.ts';
export { MANIFEST, type Manifest, type WrittenFile } from './partitions/manifest.ts';
export { profilePartitions } from './partitions/profile-partitions.ts';
export { maybeExampleOf } from './patterns/example-of-pattern.ts';
export { type Preview, previewJson } from './preview/preview.ts';
export { maybeImageType, previewFile } from './preview/preview-file.ts';
export {
  type ChangeThresholds,
  compareProfiles,
  type ProfileChange,
  verdictOfChanges,
} from './profile/compare-profiles.ts';
export { type ContractText, contractSource, contractText, textSource } from './profile/contract-source.ts';
export { type ColumnProfile, type Profile, QUANTILES } from './profile/profile.ts';
export { type ProfileFileOptions, profileFile } from './profile/profile-file.ts';
export {
  type ColumnRoles,
  maybeRoleProblem,
  type ProposedRole,
  proposeRoles,
  type SingleRole,
} from './profile/propose-roles.ts';
export { referenceOf } from './profile/reference-of.ts';
export { type ProfilePageOptions, renderProfile } from './profile/render-profile.ts';
export { type SuggestOptions, suggestContract } from './profile/suggest-contract.ts';
export { rowsImage, trendImage } from './report/chart-image.ts';
export { escapeText } from './report/html.ts';
export { withScheme } from './report/page.ts';
export { withParts } from './report/parts.ts';
export { renderReport } from './report/render-report.ts';
export type { ColourScheme } from './report/style.ts';
export { withTrends } from './report/trends.ts';
export { expectedOf } from './rules/check-cell.ts';
export { DELIMITERS, DELIMITERS_IN_WORDS, type Delimiter } from './scan/delimiters.ts';
export { partsOfName } from './scan/file-name.ts';
export { findDelimiter } from './scan/find-delimiter.ts';
export { formatOf } from './scan/format.ts';
export { readCsv } from './scan/read-csv.ts';
export { type SplitFile, splitFile } from './split/split-file.ts';
export type { SplitFileOptions } from './split/split-file-options.ts';
export { identifier, literal } from './sql.ts';
