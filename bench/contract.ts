import { category, defineContract, integer, number, quantileBetween, row, text, timestamp } from '#contracts';

/** What the generated files are checked against, by us and by every peer: twelve expectations. */
export const people = defineContract({
  name: 'people',
  columns: {
    // Each line says how many of the twelve it stands for.
    id: integer({ role: 'id', unique: true }), // 3: there, whole number, unique
    age: number({ min: 0, max: 120 }), // 3: there, number, in range
    sex: category(['male', 'female']), // 2: there, known
    class: category(['first', 'second', 'third'], { nullable: true }), // 1: known
    fare: number({ min: 0, max: 1000, nullable: true }), // 2: number, in range
    country: text({ nullable: true }),
    ts: timestamp({ role: 'time', nullable: true }), // 1: timestamp
  },
});

/** The same without a key: nothing has to be kept of the rows that were read. */
export const peopleWithoutKey = defineContract({
  name: 'people',
  columns: { ...people.columns, id: integer({ role: 'id' }) },
});

const quantile = quantileBetween('fare', { quantile: 0.9, max: 900 });

/** The same with what only SQL decides: a rule of the file, for which rows are read once. */
export const peopleWithQuantile = defineContract({
  name: 'people',
  columns: people.columns,
  expectations: [quantile],
});

/** And a rule of rows that some break, for which they are read twice. */
export const peopleWithSql = defineContract({
  name: 'people',
  columns: people.columns,
  expectations: [row('cheap-for-children', { holds: `age >= 1 or fare < 495` }), quantile],
});
