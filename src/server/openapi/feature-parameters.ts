import { FEATURE_PREFIX, toExampleValue } from '#api';
import { type Column, type Contract, type JsonSchema, maybeValue } from '#contracts';
import { toContractColumn } from '../contract-column.ts';
import { hasRange } from '../predictions/past-filter.ts';

/** Of a wider contract the others are filters all the same; a document of thousands of parameters helps nobody. */
const COLUMNS_MAX = 50;

/** The filters by feature, which no schema of `#api` can list because the contract has their names. */
export function featureParameters({ columns }: Contract): readonly JsonSchema[] {
  return Object.entries(columns)
    .filter(([, { role, alwaysNull }]) => role === 'feature' && alwaysNull !== true)
    .slice(0, COLUMNS_MAX)
    .flatMap(([name, column]) => [
      parameter(
        name,
        column,
        `The value of the feature ${name}, nothing for none; given several times, one of the values is enough`,
      ),
      ...(hasRange(column.kind)
        ? [
            parameter(`${name}.min`, column, `Values of the feature ${name} from this on, itself included`),
            parameter(`${name}.max`, column, `Values of the feature ${name} up to this, itself included`),
          ]
        : []),
    ]);
}

function parameter(name: string, column: Column, description: string): JsonSchema {
  const example = toExampleValue({ ...toContractColumn(name, column), nullable: false });
  return {
    ...{ name: `${FEATURE_PREFIX}${name}`, in: 'query', required: false, description },
    schema: { ...schemaOf(column, example), examples: [example] },
  };
}

function schemaOf({ kind }: Column, example: unknown): JsonSchema {
  if (kind === 'number' || kind === 'integer' || kind === 'boolean') return { type: kind };
  // A text is any text; a day or a time has a form.
  if (kind === 'date') return { type: 'string', format: 'date' };
  if (kind === 'timestamp' && maybeValue(kind, String(example)) !== undefined)
    return { type: 'string', format: 'date-time' };
  return { type: 'string' };
}
