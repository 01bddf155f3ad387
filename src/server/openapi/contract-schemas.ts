import {
  type Column,
  type Contract,
  type JsonSchema,
  maybeColumnWithRole,
  toColumnSchema,
  toJsonSchema,
} from '#contracts';
import { acceptedColumns } from '../predictions/contract-rows.ts';

/** The components of `#api` of which the project's contract knows more, by name. */
export function contractSchemas(contract: Contract): Readonly<Record<string, JsonSchema>> {
  const [id, label] = (['id', 'label'] as const).map((role) => columnWith(contract, role));
  return {
    GivenRow: givenRow(contract),
    FeatureRow: featureRow(contract),
    ...(id && { RowId: rowId(id) }),
    ...(label && { LabelValue: toColumnSchema({ ...label, nullable: false }), PredictedValue: predictedValue(label) }),
  };
}

function columnWith(contract: Contract, role: 'id' | 'label'): Column | undefined {
  const name = maybeColumnWithRole(contract, role);
  return name === undefined ? undefined : contract.columns[name];
}

function givenRow(contract: Contract): JsonSchema {
  const { accepted } = acceptedColumns(contract);
  const { $schema: _, properties, ...schema } = toJsonSchema(accepted);
  const others = Object.entries(contract.columns).filter(([name]) => !Object.hasOwn(accepted.columns, name));
  return {
    ...schema,
    description:
      'One row to predict. Columns with the roles `id` and `time` may come with its features: they are stored, and returned as `rowId` and `rowTime`. Other columns of the contract may come too, and are left out.',
    properties: { ...properties, ...Object.fromEntries(others.map(([name, column]) => [name, leftOut(column)])) },
  };
}

function leftOut({ label, role }: Column): JsonSchema {
  return {
    ...(label === undefined ? {} : { title: label }),
    description: `Left out: its role is \`${role}\`.`,
    type: ['string', 'number', 'boolean', 'null'],
  };
}

/** Predictions keep the features of the contract of their day, so none is required, and others may be there. */
function featureRow({ columns }: Contract): JsonSchema {
  const features = Object.entries(columns).filter(([, { role }]) => role === 'feature');
  return {
    type: 'object',
    description: 'Features by column name. A prediction of an earlier contract has the columns of that contract.',
    properties: Object.fromEntries(features.map(([name, column]) => [name, toColumnSchema(column)])),
  };
}

/** Ids that are numbers may come as texts, and texts as numbers. */
function rowId(column: Column): JsonSchema {
  const schema = toColumnSchema({ ...column, nullable: false });
  const isNumber = column.kind === 'integer' || column.kind === 'number';
  return isNumber || column.kind === 'text'
    ? { ...schema, type: [isNumber ? column.kind : 'number', 'string'] }
    : schema;
}

/** A number, or a class as text. */
function predictedValue(label: Column): JsonSchema {
  if (label.kind === 'boolean') return { type: 'string', enum: ['true', 'false'] };
  if (label.kind !== 'number' && label.kind !== 'integer') return toColumnSchema({ ...label, nullable: false });
  // A model may predict a number outside the range of the column.
  const { minimum: _, maximum: __, ...schema } = toColumnSchema(label);
  return { ...schema, type: 'number' };
}
