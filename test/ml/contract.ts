import type { Contract } from '#contracts';
import type { FeatureRow } from '#ml';

const plain = { nullable: true, unique: false, severity: 'fail' } as const;

/** Boats of a harbour: every kind of column a model can read, and some it cannot. */
export const boats: Contract = {
  name: 'boats',
  delimiter: ',',
  evolution: 'evolve',
  expectations: [],
  criticality: { mediumShare: 0.1, highShare: 0.5 },
  columns: {
    id: { ...plain, kind: 'integer', role: 'id' },
    length: { ...plain, kind: 'number', role: 'feature' },
    crew: { ...plain, kind: 'integer', role: 'feature' },
    hull: { ...plain, kind: 'category', role: 'feature', categories: ['wood', 'steel', 'glass'] },
    engine: { ...plain, kind: 'boolean', role: 'feature' },
    built: { ...plain, kind: 'date', role: 'feature' },
    berth: { ...plain, kind: 'number', role: 'feature', alwaysNull: true },
    note: { ...plain, kind: 'text', role: 'meta' },
    use: { ...plain, kind: 'category', role: 'label', categories: ['ferry', 'fishing', 'leisure'] },
  },
};

export const boatRows: readonly FeatureRow[] = [
  {
    id: 1,
    length: 10,
    crew: 2,
    hull: 'wood',
    engine: true,
    built: '1970-01-02',
    berth: null,
    note: 'a',
    use: 'fishing',
  },
  {
    id: 2,
    length: 20,
    crew: 4,
    hull: 'steel',
    engine: true,
    built: '1970-01-04',
    berth: null,
    note: null,
    use: 'ferry',
  },
  { id: 3, length: null, crew: 3, hull: null, engine: null, built: null, berth: null, note: 'c', use: 'ferry' },
  {
    id: 4,
    length: 60,
    crew: 3,
    hull: 'steel',
    engine: false,
    built: '1970-01-06',
    berth: null,
    note: 'd',
    use: 'leisure',
  },
];
