import {
  type DuckDBType,
  DuckDBTypeId,
  type DuckDBValue,
  type DuckDBValueConverter,
  type Json,
  JsonDuckDBValueConverter,
} from '@duckdb/node-api';

const MICROS_PER_MS = 1000n;
/** Doubles hold this many decimal digits exactly. */
const EXACT_DIGITS = 15;

/**
 * Turns a value of DuckDB into JSON. Integers and decimals that a double holds exactly become numbers, larger ones
 * strings; NaN and infinity, which JSON lacks, become `"NaN"` and `"Infinity"`; times become ISO strings.
 */
export const toCell: DuckDBValueConverter<Json> = (value: DuckDBValue, type: DuckDBType, converter) => {
  if (value === null) return null;
  switch (type.typeId) {
    case DuckDBTypeId.BIGINT:
    case DuckDBTypeId.UBIGINT:
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UHUGEINT:
      return toExactNumber(String(value), (number) => Number.isSafeInteger(number));
    case DuckDBTypeId.DECIMAL:
      return toExactNumber(String(value), () => String(value).replace(/\D/g, '').length <= EXACT_DIGITS);
    case DuckDBTypeId.TIMESTAMP:
    case DuckDBTypeId.TIMESTAMP_S:
    case DuckDBTypeId.TIMESTAMP_MS:
    case DuckDBTypeId.TIMESTAMP_NS:
      return String(value).replace(' ', 'T');
    case DuckDBTypeId.TIMESTAMP_TZ:
      return toInstant(value);
    default:
      return JsonDuckDBValueConverter(value, type, converter);
  }
};

function toExactNumber(text: string, isExact: (number: number) => boolean): string | number {
  const number = Number(text);
  return isExact(number) ? number : text;
}

// From the count of microseconds, because the value's own text depends on a time zone.
function toInstant(value: DuckDBValue): string {
  const hasMicros = typeof value === 'object' && value !== null && 'micros' in value;
  if (!hasMicros || typeof value.micros !== 'bigint') return String(value);
  // The remainder of a time before 1970 is negative, but its digits are not.
  const rest = ((value.micros % MICROS_PER_MS) + MICROS_PER_MS) % MICROS_PER_MS;
  const date = new Date(Number((value.micros - rest) / MICROS_PER_MS));
  // Infinity, or a year outside the range of Date.
  if (Number.isNaN(date.getTime())) return String(value);
  const micros = rest === 0n ? '' : String(rest).padStart(3, '0');
  return date.toISOString().replace('Z', `${micros}Z`);
}
