import type { Injector } from '../injector.ts';
import { brokenQuote } from './broken-quote.ts';
import { duplicateKey } from './duplicate-key.ts';
import { emptyFile } from './empty-file.ts';
import { extraColumn } from './extra-column.ts';
import { missingColumn } from './missing-column.ts';
import { missingValue } from './missing-value.ts';
import { outOfRange } from './out-of-range.ts';
import { raggedRow } from './ragged-row.ts';
import { shiftedDistribution } from './shifted-distribution.ts';
import { swappedColumns } from './swapped-columns.ts';
import { unexpectedValue } from './unexpected-value.ts';
import { unknownCategory } from './unknown-category.ts';
import { wrongDate } from './wrong-date.ts';
import { wrongEncoding } from './wrong-encoding.ts';
import { wrongFormat } from './wrong-format.ts';
import { wrongType } from './wrong-type.ts';

/** Every way to break a file that `corruptCsv` knows. */
export const INJECTORS: readonly Injector[] = [
  ...[missingValue, unknownCategory, outOfRange, wrongType, wrongDate, wrongFormat, unexpectedValue],
  ...[duplicateKey, raggedRow, brokenQuote, wrongEncoding],
  ...[missingColumn, extraColumn, swappedColumns, shiftedDistribution, emptyFile],
];
