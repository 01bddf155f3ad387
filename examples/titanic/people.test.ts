import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { countedPeople, people } from './people.ts';

const published = readFileSync(new URL('./data/counts.csv', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => {
    const [group, count] = line.split(/,(?=\d+$)/);
    return { group: group ?? '', count: Number(count) };
  });

describe('people of the Titanic', () => {
  it('add up to the published counts for every class, sex, age group and fate', () => {
    const drawn = countedPeople(1912);
    const found = published.map(({ group }) => ({
      group,
      count: drawn.filter((person) => `${person.class},${person.sex},${person.ageGroup},${person.survived}` === group)
        .length,
    }));
    expect(found).toEqual(published);
    expect(published).toHaveLength(32);
    expect(drawn).toHaveLength(2201);
  });

  it('have ages that lie within their group', () => {
    for (const { age, ageGroup } of countedPeople(7)) {
      if (age === null) continue;
      expect(age >= 15 ? 'adult' : 'child').toBe(ageGroup);
      expect(age).toBeGreaterThan(0);
      expect(age).toBeLessThan(75);
    }
  });

  it('lack about one age in eight', () => {
    const missing = people(1912).filter((person) => person.age === null).length;
    expect(missing / 2201).toBeGreaterThan(0.1);
    expect(missing / 2201).toBeLessThan(0.14);
  });

  it('have decimals only below the first birthday', () => {
    const babies = people(1912).filter(({ age }) => age !== null && !Number.isInteger(age));
    expect(babies.length).toBeGreaterThan(0);
    for (const { age } of babies) expect(age).toBeLessThan(1);
  });

  it('are numbered from 1 to 2201 in an order that mixes the classes', () => {
    const drawn = people(1912);
    expect(drawn.map((person) => person.id)).toEqual(Array.from({ length: 2201 }, (_, index) => index + 1));
    expect(new Set(drawn.slice(0, 50).map((person) => person.class)).size).toBe(4);
  });

  it('are the same for the same seed and others for another', () => {
    expect(people(1912)).toEqual(people(1912));
    expect(people(1912)).not.toEqual(people(1913));
    expect(people(1912)[0]).toEqual(PINNED);
  });
});

// The first of the example's own people: a change of the generator would silently change every later number.
const PINNED = { id: 1, class: 'crew', sex: 'male', age: 63, survived: 'no' };
