import {
  boolean,
  type Contract,
  category,
  defineContract,
  integer,
  lengthBetween,
  number,
  row,
  text,
} from '#contracts';
import type { ServerOptions } from '#server';

export const parcels: Contract = defineContract({
  name: 'parcels',
  columns: {
    id: integer({ role: 'id', unique: true }),
    weight: number({ role: 'feature', min: 0, max: 50, unit: 'kg' }),
    size: category(['small', 'large'], { role: 'feature' }),
    fragile: boolean({ role: 'feature', nullable: true }),
    note: text({ role: 'feature', nullable: true, lengthMax: 40 }),
    outcome: category(['kept', 'broken'], { role: 'label' }),
  },
  expectations: [lengthBetween('note', { max: 40 }), row('some-weight', { holds: 'weight > 0 or size is not null' })],
});

/** One row that keeps the contract. */
export const parcel = { weight: 2, size: 'small', fragile: false } as const;

export const parcelsProject: ServerOptions['project'] = {
  name: 'parcels',
  title: 'Parcels',
  environment: 'test',
  version: '0.0.0',
  pipelines: [
    { name: 'ingest', description: 'Checks what arrives' },
    { name: 'train', description: 'Trains' },
  ],
  schedules: [{ pipeline: 'ingest', cron: '* * * * *', timeZone: 'UTC' }],
};
