/*
 * The second door of contracts, for code that runs in a browser: how a file becomes rows and a text becomes a value.
 * Nothing behind it needs Node, which test/architecture.test.ts proves.
 */
export { namesByPlace } from '../check/form-columns.ts';
export { labelFileNames } from '../check/label-header.ts';
export { delimiterByNames, matchHeader } from '../check/match-header.ts';
export { type JsonRule, startRowRules } from '../check/row-rules.ts';
export type { FileFormat } from '../format/file-format.ts';
export { formatInWords } from '../format/format-in-words.ts';
export { EXPECTED_OF_UNIQUE, isRepeated, readCell } from '../rules/check-cell.ts';
export { delimiterOfName, mostFrequentDelimiter } from '../scan/delimiters.ts';
export { expandBlob } from '../scan/expand-blob.ts';
export { FAULTS_IN_WORDS } from '../scan/faults-in-words.ts';
export { type CsvRecord, type CsvTable, type ReadCsvOptions, readCsv } from '../scan/read-csv.ts';
export { tableText } from '../scan/table-text.ts';
