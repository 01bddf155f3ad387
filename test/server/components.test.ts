import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createComponents } from '../../src/server/openapi/components.ts';
import { toOpenapi } from '../../src/server/openapi/document.ts';
import { parcelsProject } from './parcels.ts';

const part = z.object({ size: z.int() }).meta({ id: 'ComponentPart' });

describe('components of the OpenAPI document', () => {
  it('are collected under their names, once for what is sent and answered', () => {
    const components = createComponents({});
    const reference = { $ref: '#/components/schemas/ComponentPart' };
    expect(components.toSchema(part, 'input')).toEqual(reference);
    expect(components.toSchema(z.array(part), 'output')).toEqual({ type: 'array', items: reference });
    expect(Object.keys(components.collected())).toEqual(['ComponentPart']);
  });

  it('refuse a name whose schema differs between requests and answers', () => {
    const components = createComponents({});
    const change = z.object({ by: z.string().default('me') }).meta({ id: 'ComponentChange' });
    components.toSchema(change, 'input');
    expect(() => components.toSchema(change, 'output')).toThrow('Expected one schema named ComponentChange');
  });

  it('are replaced by those that the contract knows better', () => {
    const components = createComponents({ ComponentPart: { type: 'string' } });
    components.toSchema(part, 'output');
    expect(components.collected()).toEqual({ ComponentPart: { type: 'string' } });
  });
});

describe('the OpenAPI document of a project without a model', () => {
  it('has the general schemas of rows and labels', () => {
    const { components } = toOpenapi({ project: parcelsProject, dashboards: [] });
    expect(components).toMatchObject({
      schemas: {
        GivenRow: { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean', 'null'] } },
      },
    });
  });
});
