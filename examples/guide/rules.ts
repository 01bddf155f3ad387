/** One order, as the table has it. */
export interface Order {
  readonly item: string;
  readonly cents: number;
}

/** What was taken in all; a negative amount is refused. */
export function totalOf(orders: readonly Order[]): number {
  const wrong = orders.find(({ cents }) => cents < 0);
  if (wrong !== undefined)
    throw new RangeError(`Expected an amount of 0 or more for ${wrong.item}; got ${wrong.cents}.`);
  return orders.reduce((sum, { cents }) => sum + cents, 0);
}
