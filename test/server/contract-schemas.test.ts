import { describe, expect, it } from 'vitest';
import { contractSchemas } from '../../src/server/openapi/contract-schemas.ts';
import { houses } from './houses.ts';
import { parcels } from './parcels.ts';

describe('the schema of a row to predict', () => {
  const { GivenRow } = contractSchemas(houses);

  it('has each column with its type, limits, unit and description, and no other', () => {
    expect(GivenRow).toMatchObject({ type: 'object', additionalProperties: false });
    expect(Object.keys(Object(GivenRow?.properties)).sort()).toEqual(Object.keys(houses.columns).sort());
    expect(GivenRow?.properties).toMatchObject({
      area: { type: 'number', minimum: 10, maximum: 1000, 'x-unit': 'm²', title: 'Area', description: 'Living area' },
      rooms: { type: 'integer', minimum: 1, maximum: 20 },
      parish: { type: 'string', pattern: '^(?:(?:North|South) [A-Z]{2})$', maxLength: 10 },
      heating: { type: ['string', 'null'], enum: ['gas', 'oil', null, ''] },
      sold_at: { type: ['string', 'null'], format: 'date-time' },
    });
  });

  it('requires the features that cannot be missing, and neither id nor time', () => {
    expect(GivenRow?.required).toEqual(['area', 'rooms', 'parish']);
  });

  it('says of the label and of notes that they are left out', () => {
    expect(GivenRow?.properties).toMatchObject({
      price: { description: 'Left out: its role is `label`.' },
      agent: { description: 'Left out: its role is `meta`.' },
    });
  });
});

describe('the schema of a label', () => {
  it('is that of the column, and a prediction may be a number beyond its limits', () => {
    const { LabelValue, PredictedValue, RowId } = contractSchemas(houses);
    expect(LabelValue).toEqual({ type: 'number', minimum: 0, 'x-unit': 'EUR' });
    expect(PredictedValue).toEqual({ type: 'number', 'x-unit': 'EUR' });
    expect(RowId).toMatchObject({ type: ['number', 'string'], pattern: '^(?:H-[0-9]{4})$' });
  });

  it('lists the classes', () => {
    const { LabelValue, PredictedValue, RowId } = contractSchemas(parcels);
    expect(LabelValue).toEqual({ type: 'string', enum: ['kept', 'broken'] });
    expect(PredictedValue).toEqual(LabelValue);
    expect(RowId).toMatchObject({ type: ['integer', 'string'] });
  });
});

describe('the schema of the features of a stored prediction', () => {
  it('requires none, because earlier contracts had other columns', () => {
    const { FeatureRow } = contractSchemas(houses);
    expect(FeatureRow).not.toHaveProperty('required');
    expect(FeatureRow).not.toHaveProperty('additionalProperties');
    expect(Object.keys(Object(FeatureRow?.properties))).toEqual(['area', 'rooms', 'parish', 'heating', 'lift']);
  });
});
