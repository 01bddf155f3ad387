import { sparkLiteral } from './spark-text.ts';

const NUMERAL = String.raw`\A([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]+))?\z`;

/** The parts of a number as it is written, in SQL: `sign`, `digits` without the point, and how many stand before it. */
export interface DigitsSql {
  readonly sign: string;
  readonly digits: string;
  readonly point: string;
}

/** An exponent that is too long to read is that of a zero, of what is smaller than any double, or of no number. */
const FAR = -100_000;

export function digitsSql(text: string): DigitsSql {
  const part = (group: number): string => `regexp_extract(${text}, ${sparkLiteral(NUMERAL)}, ${group})`;
  const exponent = `coalesce(try_cast(coalesce(nullif(${part(4)}, ''), '0') as int), ${FAR})`;
  return {
    sign: part(1),
    digits: `concat(${part(2)}, ${part(3)})`,
    point: `(char_length(${part(2)}) + ${exponent})`,
  };
}

/** A number as it is written, without an exponent: engines differ in whether they read one in a decimal. */
export function plainDigits(text: string): string {
  const { sign, digits, point } = digitsSql(text);
  const small = `concat('0.', repeat('0', -${point}), ${digits})`;
  const large = `concat(${digits}, repeat('0', ${point} - char_length(${digits})))`;
  const between = `concat(substring(${digits}, 1, ${point}), '.', substring(${digits}, ${point} + 1))`;
  const plain = `case when ${point} <= 0 then ${small} when ${point} >= char_length(${digits}) then ${large} else ${between} end`;
  return `(case when ${text} rlike '[eE]' then concat(${sign}, ${plain}) else ${text} end)`;
}

/** A number by its decimal digits, with this many after the point; null when it has too many before it. */
export function sparkDecimal(value: string, decimals: number): string {
  return `try_cast(${plainDigits(`cast(${value} as string)`)} as decimal(38, ${decimals}))`;
}
