export {
  correlationBetween,
  deviationBetween,
  distinctCountBetween,
  distinctShareBetween,
  largestBetween,
  meanBetween,
  medianBetween,
  nullShareBetween,
  outlierShareBetween,
  quantileBetween,
  smallestBetween,
  sumBetween,
} from './aggregates.ts';
export { addsUp, equalsColumn, lessThanColumn } from './between-columns.ts';
export { divergenceBetween, nearReference } from './distributions.ts';
export {
  email,
  ipAddress,
  isoDuration,
  json,
  matchesJsonSchema,
  timeOfDay,
  trimmed,
  uuid,
  webAddress,
} from './forms.ts';
export { cellSatisfies, satisfies } from './functions.ts';
export { unique, uniqueTogether } from './keys.ts';
export { keysIn, rowCountMatches } from './other-datasets.ts';
export { alwaysNull, notNull, ofType, someNotNull } from './presence.ts';
export { decimalDigits, inRange, momentBetween, multipleOf, valueBetween } from './ranges.ts';
export { containsAll, inSet, notInSet } from './sets.ts';
export { categoryShares, shareBetween } from './shares.ts';
export { endsWith, lengthBetween, matchesPattern, notMatchesPattern, startsWith } from './texts.ts';
export {
  columnCountBetween,
  columnsMatch,
  decreasing,
  fresherThan,
  increasing,
  rowCountBetween,
  stepsBetween,
} from './whole-file.ts';
export { query, requiredWhen, row } from './written.ts';
