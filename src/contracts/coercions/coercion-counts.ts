import { COERCIONS, type Coerced, type CoercedCells, type Coercion } from './coercion.ts';

/** Counts the cells that were changed, by column and coercion. */
export class CoercionCounts {
  readonly #counts = new Map<string, Map<Coercion, number>>();

  /** Adds up what was counted of other rows. */
  addAll(coerced: Coerced): void {
    for (const [column, counts] of Object.entries(coerced)) {
      // The keys of counts are coercions.
      for (const [coercion, cells] of Object.entries(counts) as [Coercion, number][])
        this.addMany(column, { coercion, cells });
    }
  }

  addMany(column: string, { coercion, cells }: { readonly coercion: Coercion; readonly cells: number }): void {
    const counts = this.#counts.get(column) ?? new Map<Coercion, number>();
    this.#counts.set(column, counts.set(coercion, (counts.get(coercion) ?? 0) + cells));
  }

  /** Adds up what was counted of columns, by their places: for each by the coercions in their order. */
  addPlaced(names: readonly string[], counts: ArrayLike<number>): void {
    for (let index = 0; index < counts.length; index++) {
      const [name, coercion] = [names[Math.floor(index / COERCIONS.length)], COERCIONS[index % COERCIONS.length]];
      const cells = counts[index] ?? 0;
      if (cells > 0 && name !== undefined && coercion !== undefined) this.addMany(name, { coercion, cells });
    }
  }

  /** Undefined when nothing was changed. */
  maybeCoerced(): Coerced | undefined {
    if (this.#counts.size === 0) return undefined;
    return Object.fromEntries(
      [...this.#counts].map(([column, counts]): [string, CoercedCells] => [column, Object.fromEntries(counts)]),
    );
  }
}

/** What was changed in all of them; undefined where nothing was. */
export function sumOfCoerced(counted: readonly (Coerced | undefined)[]): Coerced | undefined {
  const sum = new CoercionCounts();
  for (const coerced of counted) if (coerced !== undefined) sum.addAll(coerced);
  return sum.maybeCoerced();
}
