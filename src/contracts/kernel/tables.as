// AssemblyScript: where the kernel finds its tables. layout.ts lays them out, in the same order.

const HEADER: usize = 1024;

@inline function word(index: usize): i32 {
  return load<i32>(HEADER + (index << 2));
}

export let delimiter: i32 = 0;
export let fields: i32 = 0;
/** Rows by bit. */
export let counts: i32 = 0;
export let bits: i32 = 0;
export let columns: i32 = 0;
export let columnCount: i32 = 0;
export let keys: i32 = 0;
export let keyCount: i32 = 0;
export let isRewriting: bool = false;
export let outputDelimiter: i32 = 0;
/** Whether a delimiter follows the last cell of each record. */
export let isTrailing: bool = false;
export let seed: u64 = 0;
/** Where each cell of a record ends; before the first stands the place before the record. */
export let ends: i32 = 0;
export let starts: i32 = 0;
export let recordsMax: i32 = 0;
export let flags: i32 = 0;
export let flagsMax: i32 = 0;
export let shifts: i32 = 0;
/** Counters by column. */
export let nulls: i32 = 0;
export let values: i32 = 0;
export let summands: i32 = 0;
export let smallest: i32 = 0;
export let largest: i32 = 0;
export let sums: i32 = 0;
/** What the roundings of the sums lost. */
export let losses: i32 = 0;
/** What is set to zero before each run. */
export let counters: i32 = 0;
export let countersBytes: i32 = 0;
/** Doubles 1e0 to 1e22, whole numbers 1e0 to 1e19, and 128 bits of each power of ten from 1e-64 to 1e64. */
export let doubles: i32 = 0;
export let wholes: i32 = 0;
export let powers: i32 = 0;
/** Results of a run. */
export let results: i32 = 0;

/** Reads the header, once the tables are laid out. */
export function open(): void {
  delimiter = word(0);
  fields = word(1);
  counts = word(2);
  bits = word(3);
  columns = word(4);
  columnCount = word(5);
  keys = word(6);
  keyCount = word(7);
  isRewriting = word(8) != 0;
  outputDelimiter = word(9);
  // Not by word(): the optimiser would read it with a sign.
  seed = <u64>load<u32>(HEADER, 40);
  ends = word(11);
  starts = word(12);
  recordsMax = word(13);
  flags = word(14);
  flagsMax = word(15);
  shifts = word(16);
  nulls = word(17);
  values = word(18);
  summands = word(19);
  smallest = word(20);
  largest = word(21);
  sums = word(22);
  counters = word(23);
  countersBytes = word(24);
  doubles = word(25);
  wholes = word(26);
  powers = word(27);
  results = word(28);
  losses = word(29);
  isTrailing = word(30) != 0;
}
