import { type CellValue, type ColumnKind, PLAIN_KINDS, type PlainKind } from '../../../src/contracts/contract.ts';
import type { Random } from '../../../src/contracts/corrupt/random.ts';
import type { Kernel, KernelResult } from '../../../src/contracts/kernel/kernel.ts';
import type { CellTest, KernelColumn, KernelPlan } from '../../../src/contracts/kernel/plan.ts';
import { isDecimal } from '../../../src/contracts/kinds/decimal.ts';
import { hasTextBounds } from '../../../src/contracts/kinds/text-bounds.ts';
import type { ByteDfa } from '../../../src/contracts/patterns/byte-dfa.ts';

const LF = 10;

/** Values that columns of a kind may name, among them some that no cell can hold. */
const VALUES: Readonly<Record<Exclude<PlainKind, 'list' | 'struct'>, readonly CellValue[]>> = {
  time: ['00:00', '12:34:56', '12:34:56.7', 'x'],
  duration: ['PT0S', 'PT90M', '-PT0.5S', 'P1D', 'P1M'],
  number: [1, '1.0', 0.5, '-3', 'x', 2e15, '0'],
  integer: [0, '7', 12, 'x', 9007199254740991, '-1'],
  boolean: [true, 'false', 'no'],
  category: ['a', 'a1', 'x', 'q,"z"', 'ü', 'a long category of many bytes', 'a long category of many bytez'],
  text: ['a2', '', 'x', '1', 'a12', 'é', '12345678', '123456789'],
  timestamp: ['2026-03-01', '2026-03-01T12:34:56Z', '2026-03-01 14:34:56+02:00', 'x'],
  date: ['2026-03-01', '2024-02-29', 'x', '2026-03-01T00:00:00Z'],
};
/** Decimals of a few digits, and of as many as a kernel knows. */
type KernelKind = Exclude<ColumnKind, 'list' | 'struct'>;
const KINDS: readonly KernelKind[] = [
  ...PLAIN_KINDS.filter((kind) => kind !== 'list' && kind !== 'struct'),
  'decimal(4,2)',
  'decimal(18,0)',
  'decimal(18,18)',
];
const DECIMALS: readonly CellValue[] = ['1', 0.5, '-3', '12.25', '0', '999999999999999999', 'x'];
const valuesOf = (kind: KernelKind): readonly CellValue[] => (isDecimal(kind) ? DECIMALS : VALUES[kind]);
const BOUNDS: Readonly<Partial<Record<ColumnKind, readonly number[]>>> = {
  timestamp: [Date.UTC(2026, 2, 1) * 1000, Date.UTC(2026, 2, 1, 12, 34, 56) * 1000, -1.5, 0],
  date: [Date.UTC(2026, 2, 1) * 1000, Date.UTC(2024, 1, 29) * 1000, 1.5],
};

export interface PlanOptions {
  readonly fields: number;
  readonly delimiter?: number;
}

/** A plan drawn from all that there are. */
export function planOf(random: Random, { fields, delimiter = 44 }: PlanOptions): KernelPlan {
  let bits = 0;
  const columns = Array.from({ length: 1 + random.below(2 * fields) }, (): KernelColumn => {
    const kind = random.pick(KINDS);
    const tests = Array.from({ length: random.below(4) }, () => testOf(random, { kind, bit: bits++ }));
    return {
      position: random.below(fields),
      kind,
      counts: random.pick(['nulls', 'numbers', 'categories', 'lengths']),
      tests,
    };
  });
  const keys = Array.from({ length: random.below(3) }, () => {
    const positions = Array.from({ length: 1 + random.below(3) }, () => random.below(fields));
    const isMarked = positions.length === 1 && random.next() < 0.5;
    const kinds = positions.map(() => (isMarked ? ('text' as const) : random.pick(KINDS)));
    return { bit: bits++, positions, kinds, ...(isMarked ? { isMarked: true as const } : {}) };
  });
  return {
    ...{ delimiter, fields, columns, keys, bits },
    recordBytesMax: random.pick([20, 1000, 4 << 20]),
    output: random.pick(['ranges', 'rewrite']),
    outputDelimiter: random.pick([delimiter, 59]),
    seed: random.below(2 ** 32),
  };
}

function testOf(random: Random, { kind, bit }: { readonly kind: KernelKind; readonly bit: number }): CellTest {
  const test = random.pick(['present', 'absent', 'kind', 'range', 'between', 'length', 'set', 'pattern'] as const);
  switch (test) {
    case 'range': {
      const bounds = BOUNDS[kind] ?? [0, 1, -3, 12, 0.5, 7.25, -0.5];
      const [min, max] = [random.pick(bounds), random.pick(bounds)];
      const isOpen = random.next() < 0.3;
      return {
        ...{ bit, test },
        ...(isOpen ? {} : { min: Math.min(min, max) }),
        ...(random.next() < 0.3 ? {} : { max: Math.max(min, max) }),
        ...(random.next() < 0.3 ? { excludesMin: true as const } : {}),
        ...(random.next() < 0.3 ? { excludesMax: true as const } : {}),
      };
    }
    case 'between': {
      if (!hasTextBounds(kind)) return { bit, test: 'kind' };
      const bounds = [0n, 1n, -300n, 1225n, 45_296_000_000n, 5_400_000_000n, -500_000n];
      const [min, max] = [random.pick(bounds), random.pick(bounds)];
      return {
        ...{ bit, test },
        ...(random.next() < 0.3 ? {} : { min }),
        ...(random.next() < 0.3 ? {} : { max }),
        ...(random.next() < 0.3 ? { excludesMin: true as const } : {}),
        ...(random.next() < 0.3 ? { excludesMax: true as const } : {}),
      };
    }
    case 'length':
      return { bit, test, min: random.below(4), max: 1 + random.below(20) };
    case 'set': {
      const values = valuesOf(kind).filter(() => random.next() < 0.6);
      return { bit, test, values, ...(random.next() < 0.4 ? { isNegated: true as const } : {}) };
    }
    case 'pattern':
      return { bit, test, dfa: dfaOf(random), ...(random.next() < 0.4 ? { isNegated: true as const } : {}) };
    default:
      return { bit, test };
  }
}

/** An automaton of no pattern in particular, whose state 0 is dead. */
function dfaOf(random: Random): ByteDfa {
  const width = 1 + random.below(5);
  const states = 2 + random.below(5);
  return {
    width,
    classes: Uint8Array.from({ length: 256 }, () => random.below(width)),
    transitions: Uint16Array.from({ length: states * width }, (_, at) => (at < width ? 0 : random.below(states))),
    accepting: Uint8Array.from({ length: states }, (_, state) => (state > 0 && random.next() < 0.5 ? 1 : 0)),
    start: 1 + random.below(states - 1),
  };
}

/** What a kernel finds in all of a file, call by call; behind what it leaves to others it goes on with the next line. */
export function allOf(
  kernel: Kernel,
  { file, start, isSound }: { readonly file: Uint8Array; readonly start: number; readonly isSound: boolean },
): readonly unknown[] {
  kernel.load(file);
  const results: unknown[] = [];
  for (let at = start; at < file.length; ) {
    const result = kernel.run({ start: at, isSound });
    results.push(toPlain(result));
    at = result.stop === 'full' ? result.end : file.indexOf(LF, result.end) + 1;
    if (at === 0) break;
  }
  return results;
}

/** A copy that can be compared. */
export function toPlain(result: KernelResult): unknown {
  const { text, starts, columns, keys, ...others } = result;
  const records = Buffer.from(text).subarray(starts[0], starts[result.records]).toString('latin1');
  return {
    ...Object.fromEntries(Object.entries(others).map(([name, value]) => [name, copyOf(value)])),
    ...{ records: result.records, text: records, starts: copyOf(starts), keys: keys.map(copyOf) },
    columns: Object.fromEntries(
      Object.entries(columns).map(([name, value]) => [name, Array.isArray(value) ? value.map(copyOf) : copyOf(value)]),
    ),
  };
}

function copyOf(value: unknown): unknown {
  return ArrayBuffer.isView(value) ? [...(value as Uint8Array)] : value;
}
