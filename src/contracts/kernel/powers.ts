import { Tables } from './tables.ts';

const DOUBLES = 23;
const WHOLES = 20;
const POWER_MAX = 64;
const POWER_BITS = 128;
const SCALE_BITS = 512n;

/** What numbers.as multiplies and divides by: doubles 1e0 to 1e22, whole numbers 1e0 to 1e19, and 1e-64 to 1e64. */
export interface Powers {
  readonly doubles: number;
  readonly wholes: number;
  /** The first 128 bits of each, the lower 64 before the upper. */
  readonly halves: number;
}

let image: Uint8Array | undefined;

/** Puts the powers of ten. They are made once for a process, as big numbers are slow. */
export function putPowers(tables: Tables): Powers {
  image ??= imageOfPowers();
  const doubles = tables.reserve(image.length);
  tables.bytes(doubles, image);
  return { doubles, wholes: doubles + DOUBLES * 8, halves: doubles + (DOUBLES + WHOLES) * 8 };
}

function imageOfPowers(): Uint8Array {
  const tables = new Tables(0);
  const halves = Array.from({ length: 2 * POWER_MAX + 1 }, (_, index) => halvesOf(index - POWER_MAX)).flat();
  const end = (DOUBLES + WHOLES + halves.length) * 8;
  tables.reserve(end);
  tables.doubles(
    0,
    Array.from({ length: DOUBLES }, (_, power) => Number(`1e${power}`)),
  );
  tables.longs(
    DOUBLES * 8,
    Array.from({ length: WHOLES }, (_, power) => 10n ** BigInt(power)),
  );
  tables.longs((DOUBLES + WHOLES) * 8, halves);
  return tables.image(end);
}

function halvesOf(power: number): readonly [bigint, bigint] {
  // Cut, not rounded, to 128 bits: numbers.as knows that the rest is missing.
  const scaled = power >= 0 ? (10n ** BigInt(power)) << SCALE_BITS : (1n << SCALE_BITS) / 10n ** BigInt(-power);
  const first = scaled >> BigInt(scaled.toString(2).length - POWER_BITS);
  return [BigInt.asIntN(64, first), BigInt.asIntN(64, first >> 64n)];
}
