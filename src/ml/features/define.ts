import { MlError } from '../errors.ts';
import {
  type ColumnFeature,
  type Features,
  type FittedFeatures,
  featuresSchema,
  fittedFeaturesSchema,
} from './features.ts';

/**
 * Defines the features of a project. Without `columns` every column of role `feature` is used by the default of its
 * kind: `defineFeatures({ columns: { cabin: 'omit', class: { as: 'category' } } })`.
 */
export function defineFeatures(
  options: {
    /** How columns are used, by name, or `'omit'`; as their kinds suggest unless set. */
    readonly columns?: Readonly<Record<string, ColumnFeature | 'omit'>>;
  } = {},
): Features {
  const parsed = featuresSchema.safeParse({ columns: options.columns ?? {} });
  if (!parsed.success) {
    throw new MlError('features_invalid', `Features are not what they must be: ${parsed.error.message}`, {
      cause: parsed.error,
    });
  }
  return deepFreeze(parsed.data);
}

/** Reads fitted features back from parsed JSON. */
export function parseFittedFeatures(json: unknown): FittedFeatures {
  const parsed = fittedFeaturesSchema.safeParse(json);
  if (!parsed.success) {
    throw new MlError('model_refused', `Expected fitted features of format 1, found: ${parsed.error.message}`, {
      cause: parsed.error,
    });
  }
  return deepFreeze(parsed.data);
}

export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
}
