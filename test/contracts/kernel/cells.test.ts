import { describe, expect, it } from 'vitest';
import type { ColumnKind } from '../../../src/contracts/contract.ts';
import { seeded } from '../../../src/contracts/corrupt/random.ts';
import type { Kernel } from '../../../src/contracts/kernel/kernel.ts';
import { NO_KEY } from '../../../src/contracts/kernel/key-value.ts';
import { openKernel } from '../../../src/contracts/kernel/open-kernel.ts';
import { openPlainKernel } from '../../../src/contracts/kernel/plain-kernel.ts';
import type { KernelPlan } from '../../../src/contracts/kernel/plan.ts';
import { maybeValue } from '../../../src/contracts/kinds/cell-value.ts';
import { comparableOf } from '../../../src/contracts/kinds/comparable.ts';
import { byteDfa } from '../../../src/contracts/patterns/byte-dfa.ts';
import { compilePattern } from '../../../src/contracts/patterns/compile-pattern.ts';
import { toRecord } from '../../../src/contracts/scan/fields.ts';
import { propertyRuns } from '../../kills/choose-kills.ts';
import { nearlyTyped } from '../nearly-typed.ts';

const COUNT = 40_000;
const DAY_MS = 86_400_000;
const NUMBERS = [
  '0.30000000000000004',
  '1.7976931348623157e308',
  '4.9406564584124654e-324',
  '2.2250738585072011e-308',
  '9007199254740993',
  '123456789012345678901234567890',
  '0.000000000000000000000001',
  '179769313486231580793728971405301e276',
  '1.00000000000000011102230246251565404',
  '8.5e22',
  '900719925474099.0',
  '1.00000000000000000001',
  '1.000000000000000000001',
];

const DECIMALS = ['decimal(12,2)', 'decimal(18,0)', 'decimal(18,18)', 'decimal(1,1)'] as const;

/** Kinds that hardly any text is a value of. */
const FEW: readonly ColumnKind[] = ['boolean', 'time', 'decimal(1,1)'];

type Open = (plan: KernelPlan) => Kernel;

const KERNELS: readonly (readonly [string, Open])[] = [
  ['WebAssembly', openKernel],
  ['plain TypeScript', openPlainKernel],
];

function kernelFor(kind: ColumnKind, open: Open): Kernel {
  const plan: KernelPlan = {
    ...{ delimiter: 44, fields: 1, recordBytesMax: 1000, bits: 2, output: 'ranges', outputDelimiter: 44, seed: 1 },
    columns: [{ position: 0, kind, counts: 'nulls', tests: [{ bit: 0, test: 'kind' }] }],
    keys: [{ bit: 1, positions: [0], kinds: [kind] }],
  };
  return open(plan);
}

/** By text: the bits of its value, as a kernel reads it; undefined where it finds none. */
function read(kind: ColumnKind, texts: readonly string[], open: Open): readonly (bigint | undefined)[] {
  const kernel = kernelFor(kind, open);
  kernel.load(Buffer.from(texts.map((text) => `${toRecord([text], ',')}\n`).join('')));
  const { stop, keys, flags } = kernel.run({ start: 0, isSound: true });
  expect(stop).toBe('end');
  const wrong = new Set([...flags].filter((_, index) => index % 2 === 0));
  return [...(keys[0] ?? [])].map((key, index) => {
    expect(key === NO_KEY).toBe(wrong.has(index));
    return key === NO_KEY ? undefined : key;
  });
}

/** The same by the definition of the kinds. */
function expected(kind: ColumnKind, text: string): bigint | undefined {
  const value = maybeValue(kind, text);
  if (value === undefined) return undefined;
  if (kind === 'date') return BigInt(Date.parse(`${value}T00:00:00Z`) / DAY_MS);
  // Its one spelling has as many digits behind the point as its scale.
  if (kind.startsWith('decimal')) return BigInt(String(value).replace('.', ''));
  if (kind === 'time' || kind === 'duration') return comparableOf(value, kind) as bigint;
  if (kind !== 'timestamp') return new BigInt64Array(Float64Array.of(Number(value)).buffer)[0];
  // Whole seconds by JavaScript's own reading, in which a blank and an offset without a colon are none.
  const seconds = text
    .replace(/\.\d+/, '')
    .replace(' ', 'T')
    .replace(/([+-]\d\d)(\d\d)$/, '$1:$2');
  const [, fraction = ''] = /\.(\d+)/.exec(text) ?? [];
  const zoned = /(Z|[+-]\d\d:\d\d)$/.test(seconds.slice(10)) ? seconds : `${seconds}Z`;
  return BigInt(Date.parse(zoned)) * 1000n + BigInt(fraction.padEnd(6, '0').slice(0, 6));
}

/** Most are days or timestamps, of the years 0 to 9999. */
function moments(seed: number, count: number): readonly string[] {
  const random = seeded(seed);
  const two = (below: number): string => String(random.below(below)).padStart(2, '0');
  return Array.from({ length: count }, () => {
    const year = String(random.below(20) === 0 ? random.below(10_000) : 1890 + random.below(220)).padStart(4, '0');
    const day = `${year}-${two(13)}-${random.below(4) === 0 ? '29' : two(32)}`;
    const isMidnight = random.below(3) === 0;
    const time = isMidnight ? '00:00:00' : `${two(24)}:${two(60)}${random.pick(['', `:${two(60)}`])}`;
    const digits = isMidnight ? '0'.repeat(9) : `${random.below(1e9)}`;
    const fraction = time.length === 8 ? random.pick(['', `.${digits.slice(0, 1 + random.below(9))}`]) : '';
    const offset = isMidnight ? random.pick(['00:00', '0000']) : `${two(15)}${random.pick(['', ':'])}${two(60)}`;
    const zone = random.pick(['', 'Z', `+${offset}`, `-${offset}`]);
    return random.below(4) === 0 ? day : `${day}${random.pick(['T', ' '])}${time}${fraction}${zone}`;
  });
}

/** Texts of doubles, of what lies in the middle between two, and next to it. */
function numbersNearHalves(seed: number, count: number): readonly string[] {
  const random = seeded(seed);
  return Array.from({ length: count }, () => {
    const mantissa = (1n << 53n) + BigInt(Math.floor(random.next() * 2 ** 53));
    const power = random.below(120) - 60;
    const half = 2n * mantissa + BigInt(random.below(2));
    // half * 2^power, with all its digits.
    const digits = power >= 0 ? half << BigInt(power) : half * 5n ** BigInt(-power);
    const moved = digits + BigInt(random.below(3) - 1);
    const text = power >= 0 ? `${moved}` : `${moved}e${power}`;
    const cut = random.below(4) === 0 ? text : `${moved}`.slice(0, 15 + random.below(8));
    return random.next() < 0.5 ? `-${cut}` : cut;
  });
}

describe.each(KERNELS)('the cells of a file, in %s,', (_, open) => {
  it.each(['number', 'integer', 'boolean', 'timestamp', 'date', 'time', 'duration', ...DECIMALS] as const)(
    'are values of the kind %s where the definition of the kinds says so, to the last bit',
    (kind) => {
      const booleans = ['true', 'TRUE', 'fAlse', 'tru', '1', '0', '1.0', '0.0', '2', '1.00', '01', 'trUe ', 'ＴＲＵＥ'];
      const nearly = nearlyTyped(11, { count: propertyRuns(COUNT), more: [...NUMBERS, ...booleans] });
      const texts = [...nearly, ...moments(12, 5000)];
      const found = read(kind, texts, open);
      expect(texts.filter((text, index) => found[index] !== expected(kind, text))).toEqual([]);
      expect(found.filter((bits) => bits !== undefined).length).toBeGreaterThan(FEW.includes(kind) ? 7 : 100);
    },
  );

  it('are numbers rounded as JavaScript rounds them, also in the middle between two doubles', () => {
    const random = seeded(5);
    const doubles = Array.from({ length: 5000 }, () => {
      const value = (random.next() - 0.5) * 10 ** (random.below(40) - 20);
      return random.pick([`${value}`, value.toPrecision(17), value.toExponential(), value.toFixed(random.below(20))]);
    });
    const texts = [...doubles, ...numbersNearHalves(6, propertyRuns(COUNT))];
    const found = read('number', texts, open);
    expect(texts.filter((text, index) => found[index] !== expected('number', text))).toEqual([]);
  });

  it.each(['[A-Z]{2}[0-9]+', '.*ü.*', '\\d{1,3}(\\.\\d{1,3}){3}', '(?i)ab|é+', '[^a]*'])(
    'match a pattern where RE2 does: %j',
    (pattern) => {
      const dfa = byteDfa(pattern) ?? expect.unreachable();
      const plan: KernelPlan = {
        ...{ delimiter: 44, fields: 1, recordBytesMax: 1000, bits: 1, output: 'ranges', outputDelimiter: 44, seed: 1 },
        columns: [{ position: 0, kind: 'text', counts: 'nulls', tests: [{ bit: 0, test: 'pattern', dfa }] }],
        keys: [],
      };
      const texts = ['AB12', 'AB', 'xü', 'üü"', '1.22.333.4', '1.22.333', 'Ab', 'É', 'ééé', 'b\nc', 'aé', '😀', '"'];
      const kernel = open(plan);
      kernel.load(Buffer.from(texts.map((text) => `${toRecord([text], ',')}\n`).join('')));
      const { flags } = kernel.run({ start: 0, isSound: true });
      const unmet = texts.filter((_, index) => flags.some((record, at) => at % 2 === 0 && record === index));
      expect(unmet).toEqual(texts.filter((text) => !compilePattern(pattern).matches(text)));
      expect(unmet.length).toBeLessThan(texts.length);
    },
  );
});
