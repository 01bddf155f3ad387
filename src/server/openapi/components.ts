import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { JsonSchema } from '#contracts';

/** Converts schemas of the API to JSON Schema, and collects those that have a name. */
export interface Components {
  /** The schema of a request (`input`) or of an answer (`output`): a reference when it has a name. */
  toSchema(schema: z.ZodType, io: 'input' | 'output'): JsonSchema;
  /** What the references lead to, by name. */
  collected(): Readonly<Record<string, JsonSchema>>;
}

const PLACE = '#/components/schemas/';

/**
 * One component for each name, whether it is sent or answered: two schemas of one name are refused. `known` replaces
 * components by name.
 */
export function createComponents(known: Readonly<Record<string, JsonSchema>>): Components {
  const found = new Map<string, JsonSchema>();
  const add = (name: string, { id: _, ...schema }: JsonSchema): void => {
    const component = known[name] ?? schema;
    if (!isDeepStrictEqual(found.get(name) ?? component, component))
      throw new Error(`Expected one schema named ${name}; got two, such as one sent and one answered. Rename one.`);
    found.set(name, component);
  };
  return {
    toSchema: (schema, io) => {
      const { $schema: _, $defs = {}, ...root } = convert(schema, io);
      for (const [name, definition] of Object.entries($defs)) add(name, { ...definition });
      if (root.id === undefined) return root;
      add(root.id, root);
      return { $ref: `${PLACE}${root.id}` };
    },
    collected: () => Object.fromEntries([...found].sort(([one], [other]) => (one < other ? -1 : 1))),
  };
}

function convert(schema: z.ZodType, io: 'input' | 'output') {
  const converted = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ zodSchema: { _zod }, jsonSchema }) => {
      // Only what is refused: answers may get more fields, which clients should ignore.
      const isStrict = 'catchall' in _zod.def && _zod.def.catchall !== undefined;
      if (_zod.def.type === 'object' && !isStrict) delete jsonSchema.additionalProperties;
      // Zod writes the calendar out as a regular expression beside the format.
      if (jsonSchema.format === 'date' || jsonSchema.format === 'date-time') delete jsonSchema.pattern;
      // Classes of Unicode are of JavaScript; most programs that read the document know none.
      if (jsonSchema.pattern?.includes('\\p{') === true) delete jsonSchema.pattern;
    },
  });
  // The same with references into the document.
  return JSON.parse(JSON.stringify(converted).replaceAll('"#/$defs/', `"${PLACE}`)) as typeof converted;
}
