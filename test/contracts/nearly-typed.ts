import { seeded } from '../../src/contracts/corrupt/random.ts';

const NUMBERS = [
  '12',
  '-1.5',
  '+3e5',
  '.5',
  '9007199254740991',
  '-9007199254740992',
  '1e308',
  '1e400',
  '00012',
  '-12.000',
  '2500e-2',
  '9007199254740990.5',
  '-',
  'nan',
];
const MOMENTS = ['2026-03-01', '2026-02-29', '2024-02-29T00:00Z', '2026-03-01T12:34:56Z', '2026-03-01 23:59:59'].concat(
  ['2026-03-01T12:00:00.123+02:00', '2026-12-31T24:00:00Z', '9999-12-31T23:59:59'],
  ['2026-03-01T00:00:00.000Z', '2026-03-01 00:00:00+00:00', '2026-03-01T00:00'],
);
const TIMES = ['09:30', '23:59:59', '00:00:00.000001', '24:00', '12:30:15.1234567', 'PT90M', '-P1DT2H0.5S'].concat([
  'P2W',
  'PT1H30M',
  '+PT0.000001S',
  'P1Y',
  'P1M',
  'P9999999D',
  'PT999999999999S',
  'PT',
  'P1DT',
  'PT1.5H',
]);
const DECIMALS = [
  '12.50',
  '-0.01',
  '007.500',
  '.5',
  '5.',
  '+1',
  '9999999999.99',
  '12.505',
  '-.0',
  '00000000000000000.1',
].concat([
  '99999999999999999999999999999999999999',
  '0.99999999999999999999999999999999999999',
  '12345678901234567.89',
]);
const CHARACTERS = [...'01234567890123456789+-._eE xXTtzZPDHMSW:/\t\v\fnaif,Ｉ９ü[]!^*?\\\u00a0'];

/** Texts that nearly are numbers or moments: up to three characters of one that is are changed, put in or taken out. */
export function nearlyTyped(
  seed: number,
  { count, more = [] }: { readonly count: number; readonly more?: readonly string[] },
): readonly string[] {
  const random = seeded(seed);
  const bases = [...NUMBERS, ...more, ...MOMENTS, ...TIMES, ...DECIMALS];
  const pick = <T>(from: readonly T[]): T => from[random.below(from.length)] as T;
  const texts = new Set(bases);
  while (texts.size < count) {
    const characters = [...pick(bases)];
    for (let changes = random.below(4); changes > 0; changes--) {
      const removed = random.below(3) === 0 ? 0 : 1;
      characters.splice(
        random.below(characters.length + 1),
        removed,
        ...(random.below(4) === 0 ? [] : [pick(CHARACTERS)]),
      );
    }
    if (characters.length > 0) texts.add(characters.join(''));
  }
  return [...texts];
}
