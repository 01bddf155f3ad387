import { type Coerced, CoercionCounts } from '#contracts';

/** How many fields of predicted rows were changed before, by column and coercion; undefined when none was. */
export function coercedIn(predictions: readonly { readonly coerced?: Coerced | undefined }[]): Coerced | undefined {
  const counts = new CoercionCounts();
  for (const { coerced } of predictions) if (coerced !== undefined) counts.addAll(coerced);
  return counts.maybeCoerced();
}
