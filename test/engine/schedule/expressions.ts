import fc from 'fast-check';

const ZONES = [
  ...['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'America/Santiago', 'Asia/Kathmandu', 'UTC'],
  ...['Africa/Casablanca', 'America/St_Johns', 'Pacific/Chatham', 'Europe/Dublin'],
];

type Field = readonly number[] | number | undefined;
const fieldOf = (field: Field): string =>
  field === undefined ? '*' : typeof field === 'number' ? `*/${field}` : field.join(',');
const valuesOf = (field: Field, count: number): readonly number[] =>
  field !== undefined && typeof field !== 'number'
    ? field
    : Array.from({ length: count }, (_, value) => value).filter((value) => value % (field ?? 1) === 0);
const listed = (max: number, maxLength: number) =>
  fc.uniqueArray(fc.integer({ min: 0, max }), { minLength: 1, maxLength });

/** Cron expressions of minutes and hours, in zones whose clocks change in many ways; `minutes` as the test can afford. */
export const expressionsOf = (minutes: fc.Arbitrary<Field>) =>
  fc
    .record({
      minutes,
      hours: fc.oneof(fc.constant(undefined), listed(23, 4), fc.constantFrom(2, 3, 6)),
      timeZone: fc.constantFrom(...ZONES),
    })
    .map(({ minutes, hours, timeZone }) => ({
      timeZone,
      ...{ minutes: valuesOf(minutes, 60), hours: valuesOf(hours, 24) },
      cron: `${fieldOf(minutes)} ${fieldOf(hours)} * * *`,
      wild: !Array.isArray(minutes) || !Array.isArray(hours),
    }));

export const anyMinutes: fc.Arbitrary<Field> = fc.oneof(
  fc.constant(undefined),
  listed(59, 3),
  fc.constantFrom(7, 15, 30),
);
export const fewMinutes: fc.Arbitrary<Field> = listed(59, 2);
