import type { Expectation, SqlNames } from '../contract.ts';
import type { Condition } from './placed-expectations.ts';

export const ROWS_TABLE = 'weir_rows';
export const FLAGGED_TABLE = 'weir_flagged';

/** Bits in one mask column: INTEGER without its sign. */
export const MASK_BITS = 31;

/** One assertion about rows and the bit that says a row violates it, counted through the masks of all groups. */
export interface Flag extends Condition {
  readonly bit: number;
  /**
   * The bit that says that the row violates it because it cannot be computed; absent for what columns imply, which can
   * always be computed.
   */
  readonly failureBit?: number;
  /** So few rows violate it that it is met: they are counted, and no worse for it. */
  readonly isTolerated?: boolean;
}

export const isKey = ({ form }: Expectation): boolean => form === 'key';

/** Whether a row that has the flag is bad. */
export const isFailing = ({ expectation, isTolerated }: Flag): boolean =>
  expectation.severity === 'fail' && isTolerated !== true;

/** The flags, once it is known in how many of the rows each stands: those that a tolerance covers are tolerated. */
export function settled(
  flags: readonly Flag[],
  { rows, violating }: { readonly rows: number; readonly violating: (flag: Flag) => number },
): readonly Flag[] {
  return flags.map((flag) => {
    const { atLeast } = flag.expectation;
    const isTolerated = atLeast !== undefined && rows > 0 && (rows - violating(flag)) / rows >= atLeast;
    return isTolerated ? { ...flag, isTolerated } : flag;
  });
}

/** Assigns bits to each condition. A key consists of plain values, so it can always be computed. */
export function flagsOf(
  conditions: readonly Condition[],
  { firstMask, isGuarded }: { readonly firstMask: number; readonly isGuarded: boolean },
): readonly Flag[] {
  const firstBit = firstMask * MASK_BITS;
  const implied = conditions.filter(({ isAsserted }) => !isAsserted).length;
  const firstFailureBit = firstBit + conditions.length - implied;
  return conditions.map((condition, index) => {
    const mayFail = isGuarded && condition.isAsserted && !isKey(condition.expectation);
    return { ...condition, bit: firstBit + index, ...(mayFail ? { failureBit: firstFailureBit + index } : {}) };
  });
}

/** The numbers of the masks that hold all bits; one at least. */
export function masksOf(flags: readonly Flag[], firstMask: number): readonly number[] {
  const last = Math.max(firstMask, ...flags.flatMap(bitsOf).map(maskOf));
  return Array.from({ length: last - firstMask + 1 }, (_, index) => firstMask + index);
}

/** SQL for each mask column. */
export function masksSql(
  flags: readonly Flag[],
  { names, masks }: { readonly names: SqlNames; readonly masks: readonly number[] },
): readonly { readonly mask: number; readonly sql: string }[] {
  const terms = flags.flatMap((flag) => bitTerms(flag, names));
  return masks.map((mask) => {
    const own = terms.filter(({ bit }) => maskOf(bit) === mask);
    const cases = own.map(({ bit, sql }) => `case when ${sql} then ${2 ** (bit % MASK_BITS)} else 0 end`);
    return { mask, sql: cases.length === 0 ? '0::integer' : `(${cases.join(' | ')})::integer` };
  });
}

/** When the bits of a flag are set; keys are evaluated later, over all rows. */
function bitTerms({ expectation, bit, failureBit }: Flag, names: SqlNames): readonly { bit: number; sql: string }[] {
  if (isKey(expectation)) return [];
  // A condition over a missing value is null; like false, it does not set the bit.
  const sql = expectation.sql(names);
  if (failureBit === undefined) return [{ bit, sql }];
  const guarded = `try(coalesce((${sql})::boolean, false))`;
  return [
    { bit, sql: `coalesce(${guarded}, true)` },
    { bit: failureBit, sql: `${guarded} is null` },
  ];
}

/** Selects the rows that violate anything: `row`, and all masks. */
export function flaggedSql(
  flags: readonly Flag[],
  { names, masks }: { readonly names: SqlNames; readonly masks: readonly number[] },
): string {
  const keys = flags.filter(({ expectation }) => isKey(expectation));
  const repeats = keys.map(({ expectation, bit }) => {
    const key = expectation.sql(names);
    const firsts = `select ${key} as weir_key, min(rowid) as weir_first from ${ROWS_TABLE} where ${key} is not null group by all having count(*) > 1`;
    return `select r.rowid as "row", ${bit} as bit from ${ROWS_TABLE} r join (${firsts}) f on ${key} = f.weir_key and r.rowid <> f.weir_first`;
  });
  const columns = masks.map((mask) => `weir_m${mask} as m${mask}`).join(', ');
  const flaggedByScan = `select rowid as "row", ${columns} from ${ROWS_TABLE} where ${masks.map((mask) => `weir_m${mask} <> 0`).join(' or ')}`;
  if (keys.length === 0) return flaggedByScan;
  const spread = masks.map((mask) => {
    const own = `bit >= ${mask * MASK_BITS} and bit < ${(mask + 1) * MASK_BITS}`;
    return `case when ${own} then 1::integer << (bit - ${mask * MASK_BITS}) else 0 end as m${mask}`;
  });
  const flaggedByKey = `select "row", ${spread.join(', ')} from (${repeats.join(' union all ')})`;
  const merged = masks.map((mask) => `bit_or(m${mask}) as m${mask}`).join(', ');
  return `select "row", ${merged} from (${flaggedByScan} union all ${flaggedByKey}) group by "row"`;
}

/** One row: `v<bit>` for each bit. */
export function countFlaggedSql(flags: readonly Flag[]): string {
  const perBit = flags.flatMap(bitsOf).map((bit) => `count(case when ${bitSql(bit)} then 1 end) as v${bit}`);
  return `select ${perBit.join(', ')} from ${FLAGGED_TABLE}`;
}

function bitSql(bit: number): string {
  return `(m${maskOf(bit)} >> ${bit % MASK_BITS}) & 1 = 1`;
}

/** The bits of a flag. */
export function bitsOf({ bit, failureBit }: Flag): readonly number[] {
  return failureBit === undefined ? [bit] : [bit, failureBit];
}

/** Whether a bit is set in the masks of a row, from the group's first mask on. */
export function isSet(masks: readonly number[], bit: number, firstMask: number): boolean {
  return (((masks[maskOf(bit) - firstMask] ?? 0) >>> (bit % MASK_BITS)) & 1) === 1;
}

/** Finds the flags whose bits are set in the masks of a row, from a group's first mask on. */
export function flagReader(flags: readonly Flag[]): (masks: readonly number[], firstMask: number) => readonly Flag[] {
  const byBit = new Map(flags.map((flag) => [flag.bit, flag]));
  return (masks, firstMask) => {
    const found: Flag[] = [];
    for (const [index, mask] of masks.entries()) {
      for (let rest = mask; rest !== 0; rest &= rest - 1) {
        const flag = byBit.get((firstMask + index) * MASK_BITS + lowestBit(rest));
        if (flag !== undefined) found.push(flag);
      }
    }
    return found;
  };
}

function lowestBit(mask: number): number {
  return 31 - Math.clz32(mask & -mask);
}

function maskOf(bit: number): number {
  return Math.floor(bit / MASK_BITS);
}
