import fc from 'fast-check';
import { type ColumnKind, PLAIN_KINDS, type PlainKind } from '../../../src/contracts/cell.ts';
import { maybeConstant } from '../../../src/contracts/kinds/comparable.ts';
import { isDecimal } from '../../../src/contracts/kinds/decimal.ts';
import { hasTextBounds } from '../../../src/contracts/kinds/text-bounds.ts';
import { type CellTest, FORM_NAMES, type Rule, type RuleCondition } from '../../../src/contracts/rules/rule.ts';

/*
 * Random rules and random rows with hostile values, for what decides rules: rows in TypeScript, DuckDB and Spark have to
 * agree.
 */

const KINDS: Readonly<Record<string, ColumnKind>> = {
  ...{ n: 'number', m: 'number', i: 'integer', j: 'integer', b: 'boolean', a: 'boolean' },
  ...{ c: 'category', t: 'text', u: 'text', d: 'date', e: 'date', s: 'timestamp', r: 'timestamp' },
  ...{ p: 'decimal(6,2)', q: 'decimal(38,4)', h: 'time', k: 'time', l: 'duration', o: 'duration' },
};
export const COLUMNS = Object.keys(KINDS);
export const kindOf = (column: string): ColumnKind => KINDS[column] ?? 'text';

const NUMBERS = fc.oneof(
  fc.constantFrom('0', '-0', '1', '01', '1.0', '1e0', '2', '3', '0.1', '0.2', '0.3', '0.30000000000000004', '-1.5'),
  fc.constantFrom(
    '1e25',
    '-1e26',
    '1e27',
    '1e300',
    '1e400',
    '1e-9',
    '1e-13',
    '5e-13',
    '9007199254740993',
    '1234567.89',
  ),
  fc.constantFrom('NaN', '1_000', ' 1', 'x', '1,5'),
  fc.integer({ min: -50, max: 50 }).map((value) => (value / 10).toFixed(2)),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
);
const MOMENTS = fc.oneof(
  fc.constantFrom(
    '2026-03-01',
    '2026-03-01T00:00:00Z',
    '2026-03-01 00:00:00',
    '2026-03-01T02:00:00+02:00',
    '2026-02-30',
  ),
  fc.constantFrom(
    '2026-03-01T12:00:00.1234569Z',
    '2026-03-01T12:00:00.123456',
    '2026-03-01T12:00',
    '0001-01-01',
    'soon',
  ),
  fc.constantFrom('9999-12-31T23:59:59Z', '0001-01-01T00:00:00.000001Z', '1969-12-31T23:59:59.999999Z', '1970-01-01'),
);
const TEXTS = fc.oneof(
  fc.constantFrom(
    'a',
    'ab',
    'b',
    'é',
    'e\u0301',
    '👍',
    '\uffee',
    '\u{10000}',
    ' a',
    'a\u00a0',
    '\ufeffa',
    'A',
    '1',
    '1.0',
  ),
  fc.constantFrom(
    '{"a":[1]}',
    '[1,]',
    'NaN',
    '"\\ud800"',
    'a@b.de',
    'a@b',
    'http://a.b/c',
    'http://0x1',
    '::1',
    '127.0.0.1',
  ),
  fc.constantFrom('123e4567-e89b-12d3-a456-426614174000', '01.2.3.4', 'true', 'a\nb', "o'b", 'x'.repeat(70)),
  fc.emailAddress(),
  fc.webUrl({ withFragments: true, withQueryParameters: true }),
  fc.ipV6(),
  fc.json({ maxDepth: 1 }),
  fc.string({ unit: 'grapheme', maxLength: 5 }),
);
const DECIMALS = fc.oneof(
  fc.constantFrom('0', '-0.00', '1', '01.0', '1.005', '.5', '5.', '-1.50', '1e0', '9999.99', '10000', '0.10', '0.3'),
  fc.constantFrom('12345678901234567.89', '12345678901234567.8901', '9'.repeat(34), '-0.0001', ' 1', 'x', '2.0'),
  fc.integer({ min: -50, max: 50 }).map((value) => (value / 10).toFixed(2)),
);
const TIMES = fc.constantFrom(
  ...['00:00', '00:00:00.0', '09:30', '09:30:00', '09:30:00.0000009', '23:59:59.999999', '24:00', '9:30', '12:00'],
);
const DURATIONS = fc.constantFrom(
  ...['PT0S', '-PT0S', 'PT90M', 'PT1H30M', 'P1D', 'PT24H', '-PT0.5S', 'P1M', 'P1W', 'P7D', 'PT', 'P9999999W'],
);
const TRUTHS = fc.constantFrom('true', 'FALSE', '1', '0', '1.0', 'yes', '2');
const TEXTS_OF: Readonly<Record<PlainKind, fc.Arbitrary<string>>> = {
  ...{ time: TIMES, duration: DURATIONS, list: TEXTS, struct: TEXTS },
  ...{ number: NUMBERS, integer: NUMBERS, boolean: TRUTHS, date: MOMENTS, timestamp: MOMENTS },
  ...{ category: TEXTS, text: TEXTS },
};
const textsOf = (kind: ColumnKind): fc.Arbitrary<string> => (isDecimal(kind) ? DECIMALS : TEXTS_OF[kind]);
const isCell = (text: string): boolean => !text.includes('\0') && Buffer.from(text).toString() === text;

const bounds = fc
  .record({
    min: fc.option(fc.integer({ min: -3, max: 2 }), { nil: undefined }),
    max: fc.integer({ min: 0, max: 5 }),
    excludesMin: fc.boolean(),
    excludesMax: fc.boolean(),
  })
  .map(({ min, ...rest }) => ({ ...rest, ...(min === undefined ? {} : { min: Math.min(min, rest.max) }) }));
const PATTERNS = [
  '[a-c]+',
  '.*',
  'a.b?',
  '\\w{1,3}',
  '\\s*x\\s*',
  '[^\\s]+',
  '\\d+|é',
  '(ab|a)(c|bcd)?',
  '\\S+',
  '^a',
  '1$',
];

/** Bounds of a kind that has such; for all others a test that any column may have. */
function betweenOf(kind: ColumnKind): fc.Arbitrary<CellTest> {
  if (!hasTextBounds(kind)) return fc.constant({ test: 'present' });
  const held = textsOf(kind).filter((text) => maybeConstant(kind, text) !== undefined);
  return fc
    .tuple(held, held, fc.boolean(), fc.nat(2))
    .map(
      ([min, max, excludesMin, which]): CellTest =>
        which === 0
          ? { test: 'between', min, excludesMin }
          : which === 1
            ? { test: 'between', max }
            : { test: 'between', min, max },
    );
}

/** A test that the column may have, whether it fits its kind or not. */
function testOf(kind: ColumnKind): fc.Arbitrary<CellTest> {
  const values = fc.array(textsOf(kind).filter(isCell), { minLength: 1, maxLength: 4 });
  const plain = fc.constantFrom<CellTest>({ test: 'present' }, { test: 'absent' }, { test: 'json' });
  const moments = MOMENTS.filter((text) => maybeConstant('timestamp', text) !== undefined);
  return fc.oneof(
    plain,
    fc
      .constantFrom<ColumnKind>(...PLAIN_KINDS, 'decimal(6,2)', 'decimal(38,0)')
      .map((asked) => ({ test: 'kind', kind: asked }) as const),
    bounds.map((range) => ({ test: 'range', ...range }) as const),
    fc
      .tuple(moments, fc.boolean(), fc.boolean())
      .map(([min, excludesMin, isLast]) =>
        isLast
          ? ({ test: 'moments', max: min, excludesMax: excludesMin } as const)
          : ({ test: 'moments', min, excludesMin } as const),
      ),
    betweenOf(kind),
    bounds.map(({ min, max }) => ({ test: 'length', max, ...(min === undefined ? {} : { min }) }) as const),
    fc.tuple(values, fc.boolean()).map(([all, isNegated]) => {
      const held = all.filter((value) => maybeConstant(kind, value) !== undefined);
      const isAny = isNegated || held.length === 0;
      return { test: 'set', values: isAny ? all : held, isNegated: isAny } as const;
    }),
    fc.tuple(fc.constantFrom(...PATTERNS), fc.boolean()).map(([pattern, isNegated]) => {
      return { test: 'pattern', pattern, isNegated } as const;
    }),
    fc.tuple(fc.constantFrom('a', 'x', "o'", '', '👍'), fc.boolean()).map(([affix, isPrefix]) => {
      return isPrefix ? ({ test: 'affix', prefix: affix } as const) : ({ test: 'affix', suffix: affix } as const);
    }),
    fc.constantFrom(0.1, 1, 0.01, 0.3, 3, 1e-12, 1e3).map((step) => ({ test: 'multiple', step }) as const),
    fc
      .tuple(fc.nat(4), fc.integer({ min: 0, max: 11 }))
      .map(([scale, whole]) => ({ test: 'digits', precision: Math.max(1, scale + whole), scale }) as const),
    fc.constantFrom(...FORM_NAMES).map((form) => ({ test: 'form', form }) as const),
  );
}

const column = fc.constantFrom(...COLUMNS);
const columns = fc.uniqueArray(column, { minLength: 2, maxLength: 3 });
const EVERYWHERE: fc.Arbitrary<Rule> = fc.oneof(
  {
    weight: 6,
    arbitrary: column.chain((name) =>
      testOf(kindOf(name)).map((test) => ({ over: 'cell', column: name, ...test }) as const),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.oneof(
      fc.tuple(column, column, fc.boolean()).map(([left, other, orEqual]): Rule => {
        return { over: 'row', test: 'less', column: left, other, orEqual };
      }),
      fc.tuple(column, column).map(([left, other]): Rule => ({ over: 'row', test: 'equal', column: left, other })),
      columns.map((names): Rule => ({ over: 'row', test: 'filled', columns: names, min: 1, max: 2 })),
      fc
        .tuple(fc.uniqueArray(fc.constantFrom('n', 'm', 'i', 'j'), { minLength: 2 }), fc.constantFrom(1e-9, 0, 1))
        .map(([[total = 'n', ...parts], tolerance]): Rule => ({ over: 'row', test: 'sum', total, parts, tolerance })),
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .uniqueArray(column, { minLength: 1, maxLength: 2 })
      .map((names): Rule => ({ over: 'key', columns: names })),
  },
);

const CONDITIONS: fc.Arbitrary<RuleCondition> = fc.oneof(
  fc
    .constantFrom('c', 't', 'u')
    .chain((name) => testOf('text').map((test) => ({ over: 'cell', column: name, ...test }) as const)),
  fc.constant({ over: 'row', test: 'equal', column: 't', other: 'u' } as const),
);
/** Rules, and every fourth of them only where a condition holds. */
export const RULES: fc.Arbitrary<Rule> = fc
  .tuple(EVERYWHERE, CONDITIONS, fc.nat(3))
  .map(([rule, where, at]) => (at === 0 && rule.over !== 'header' && rule.over !== 'sql' ? { ...rule, where } : rule));

export type Cells = Readonly<Record<string, string | null>>;
export const ROWS: fc.Arbitrary<readonly Cells[]> = fc.array(
  fc.record(
    Object.fromEntries(
      COLUMNS.map((name) => [
        name,
        fc.oneof(
          { weight: 6, arbitrary: textsOf(kindOf(name)).filter((text) => text !== '' && isCell(text)) },
          { weight: 1, arbitrary: fc.constant(null) },
        ),
      ]),
    ),
  ),
  { minLength: 8, maxLength: 12 },
);
