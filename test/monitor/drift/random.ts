/** Numbers between 0 and 1 from a seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Normally distributed numbers (Box and Muller). */
export function normal(
  random: () => number,
  { count, mean = 0 }: { readonly count: number; readonly mean?: number },
): number[] {
  return Array.from({ length: count }, () => {
    return mean + Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  });
}

/** Categories c0, c1, … of decreasing frequency. */
export function drawn(
  random: () => number,
  { count, categories }: { readonly count: number; readonly categories: number },
): string[] {
  return Array.from({ length: count }, () => `c${Math.floor(categories * random() ** 1.5)}`);
}
