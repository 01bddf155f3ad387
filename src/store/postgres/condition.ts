/** A condition of a query: its SQL, given a placeholder for each of its values. */
export interface Condition {
  readonly sql: (...places: string[]) => string;
  readonly values: readonly unknown[];
}

/** Conditions as they stand in a query whose first `taken` placeholders are others. */
export function toWhere(
  conditions: readonly Condition[],
  taken = 0,
): { readonly where: readonly string[]; readonly values: readonly unknown[] } {
  const values: unknown[] = [];
  const where = conditions.map((condition) => {
    const places = condition.values.map((_, index) => `$${taken + values.length + index + 1}`);
    values.push(...condition.values);
    return condition.sql(...places);
  });
  return { where, values };
}
