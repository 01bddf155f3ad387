import type { Injector } from '../injector.ts';
import { missingValue } from './missing-value.ts';
import { outOfRange } from './out-of-range.ts';
import { unknownCategory } from './unknown-category.ts';

/** Every way to break a file that `corruptCsv` knows. */
export const INJECTORS: readonly Injector[] = [missingValue, unknownCategory, outOfRange];
