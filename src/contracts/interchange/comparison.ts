import { z } from 'zod';
import { literal, numeral } from '../sql.ts';
import { numeric, type OdcsQuality } from './odcs.ts';

/** The condition on a count or on the result of a query. */
export interface Comparison {
  /** "less than 5". */
  readonly words: string;
  readonly sql: (value: string) => string;
  /** Only a count of zero fulfils it, so each counted row is a violation. */
  readonly isNone: boolean;
}

interface Operator extends Comparison {
  readonly isMetByZero: boolean;
}

const scalar = z.union([numeric, z.boolean(), z.string()]);
const pair = z.tuple([numeric, numeric]);

/** Reads an operand; undefined when it is none. */
type Reader = (operand: unknown, isWhole: boolean) => Operator | undefined;

const OPERATORS: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['mustBe', toScalar({ words: '', operator: '=' })],
  ['mustNotBe', toScalar({ words: 'not ', operator: '<>' })],
  ['mustBeGreaterThan', toNumber({ words: 'more than', operator: '>' })],
  ['mustBeGreaterOrEqualTo', toNumber({ words: 'at least', operator: '>=' })],
  ['mustBeGreaterThanOrEqualTo', toNumber({ words: 'at least', operator: '>=' })],
  ['mustBeLessThan', toNumber({ words: 'less than', operator: '<' })],
  ['mustBeLessOrEqualTo', toNumber({ words: 'at most', operator: '<=' })],
  ['mustBeLessThanOrEqualTo', toNumber({ words: 'at most', operator: '<=' })],
  ['mustBeBetween', toBounds({ words: 'between', operator: 'between' })],
  ['mustNotBeBetween', toBounds({ words: 'not between', operator: 'not between' })],
]);

/** Whether a key of a rule is an operator, or was meant to be one. */
export const isOperator = (key: string): boolean => key.startsWith('must');

/** The condition of a rule's operators together; or why there is none. */
export function comparisonOf(quality: OdcsQuality): Comparison | string {
  const given = Object.entries(quality).filter(([key, operand]) => isOperator(key) && operand !== undefined);
  if (given.length === 0) return 'it does not say what the value must be';
  const operators: Operator[] = [];
  for (const [key, operand] of given) {
    const operator = OPERATORS.get(key)?.(operand, quality.unit !== 'percent');
    if (operator === undefined) return `${key} ${JSON.stringify(operand)} is no comparison of the standard`;
    operators.push(operator);
  }
  return {
    words: operators.map(({ words }) => words).join(' and '),
    sql: (value) => operators.map(({ sql }) => `(${sql(value)})`).join(' and '),
    isNone: operators.some(({ isNone }) => isNone) && operators.every(({ isMetByZero }) => isMetByZero),
  };
}

/** The condition of a rule without an operator that names unwanted values. */
export const NONE: Comparison = { words: '0', sql: (value) => `${value} = 0`, isNone: true };

interface Form<Operators extends string> {
  readonly words: string;
  readonly operator: Operators;
}
type NumberForm = Form<'<' | '<=' | '>' | '>='>;

function toScalar({ words, operator }: Form<'=' | '<>'>): Reader {
  return (operand) => {
    const read = scalar.safeParse(operand);
    if (!read.success) return undefined;
    const isZero = read.data === 0;
    return {
      words: `${words}${read.data}`,
      sql: (value) => `${value} ${operator} ${scalarSql(read.data)}`,
      isNone: operator === '=' && isZero,
      isMetByZero: (operator === '=') === isZero,
    };
  };
}

function scalarSql(value: number | boolean | string): string {
  if (typeof value === 'string') return literal(value);
  return typeof value === 'number' ? numeral(value) : String(value);
}

function toNumber({ words, operator }: NumberForm): Reader {
  return (operand, isWhole) => {
    const read = numeric.safeParse(operand);
    if (!read.success) return undefined;
    const bound = read.data;
    // The largest whole number that is allowed: less than 1 is 0.
    const most = operator === '<' ? Math.ceil(bound) - 1 : operator === '<=' ? Math.floor(bound) : undefined;
    return {
      words: `${words} ${bound}`,
      sql: (value) => `${value} ${operator} ${numeral(bound)}`,
      isNone: isWhole ? most === 0 : operator === '<=' && bound === 0,
      isMetByZero: IS_MET_BY_ZERO[operator](bound),
    };
  };
}

const IS_MET_BY_ZERO: Readonly<Record<NumberForm['operator'], (bound: number) => boolean>> = {
  '<': (bound) => bound > 0,
  '<=': (bound) => bound >= 0,
  '>': (bound) => bound < 0,
  '>=': (bound) => bound <= 0,
};

/** Both bounds are included, as they are in all tools that run such rules. */
function toBounds({ words, operator }: Form<'between' | 'not between'>): Reader {
  return (operand) => {
    const read = pair.safeParse(operand);
    if (!read.success) return undefined;
    const [low, high] = read.data;
    if (low > high) return undefined;
    const isWithin = operator === 'between';
    return {
      words: `${words} ${low} and ${high}`,
      sql: (value) => `${value} ${operator} ${numeral(low)} and ${numeral(high)}`,
      isNone: isWithin && low <= 0 && high === 0,
      isMetByZero: isWithin === (low <= 0 && high >= 0),
    };
  };
}
