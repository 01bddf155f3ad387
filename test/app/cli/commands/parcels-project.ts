/** A project that learns from parcels.csv whether a parcel is light or heavy. */
export const PARCELS_PROJECT = `
import { category, defineContract, defineProject, fromFiles, integer, knn, number } from 'weir';

export default defineProject({
  name: 'parcels',
  title: 'Parcels',
  contract: defineContract({
    name: 'parcels',
    columns: {
      number: integer({ role: 'id', unique: true }),
      weight: number({ min: 0 }),
      outcome: category(['light', 'heavy'], { role: 'label' }),
    },
  }),
  estimator: knn({ k: 3 }),
  training: fromFiles('parcels.csv'),
});
`;
