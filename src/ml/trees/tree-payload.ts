import { z } from 'zod';
import { corrupt, readPayload, writePayload } from '../estimators/payload.ts';
import { labelSchema, parseFields } from '../estimators/training.ts';
import { assertSound, LINKS, type TreeEnsemble } from './ensemble.ts';

/** The one form of trees in the folder of a model version, whatever trained them. */
const KIND = 'tree-ensemble';

const fieldsSchema = z.object({
  label: labelSchema,
  columns: z.array(z.string()),
  link: z.enum(LINKS),
  outputs: z.int().min(1),
});

const NUMBERS = ['bases', 'thresholds', 'splitCovers', 'leafCovers', 'leaves'] as const;
const INTEGERS = ['roots', 'columnOf', 'flags', 'left', 'right', 'setStarts', 'setWords'] as const;
type Sections = Pick<TreeEnsemble, (typeof NUMBERS)[number] | (typeof INTEGERS)[number]>;

/** Trees as bytes: equal trees give equal bytes. */
export function writeTrees({ label, columns, link, outputs, ...sections }: TreeEnsemble): Uint8Array {
  const fields = { label, columns, link, outputs };
  const named = [...NUMBERS, ...INTEGERS].map((name) => [name, sections[name]] as const);
  return writePayload({ kind: KIND, fields, sections: Object.fromEntries(named) });
}

/** Reads what `writeTrees` wrote; anything else, and trees with places that do not exist, are refused. */
export function readTrees(payload: Uint8Array): TreeEnsemble {
  const { fields, sections } = readPayload(payload, KIND);
  const named = [
    ...NUMBERS.map((name) => [name, sections[name], Float64Array] as const),
    ...INTEGERS.map((name) => [name, sections[name], Int32Array] as const),
  ];
  for (const [name, numbers, type] of named)
    if (!(numbers instanceof type)) throw corrupt(`its section "${name}" is missing, or of another type`);
  // Each name was just found to be of its type.
  const read = Object.fromEntries(named) as unknown as Sections;
  const trees = { ...parseFields(fieldsSchema, fields), ...read };
  assertSound(trees);
  return trees;
}
