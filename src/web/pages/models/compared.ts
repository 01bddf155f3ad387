/** Versions that are compared at once; the others are in the table below. */
export const VERSIONS_SHOWN = 5;

/** The versions that the address names, as far as they exist; the newest ones when it names none. */
export function toCompared<T extends { readonly version: number }>(
  versions: readonly T[],
  compare: readonly string[],
): readonly T[] {
  const chosen = versions.filter(({ version }) => compare.includes(String(version)));
  return (chosen.length === 0 ? versions : chosen).slice(0, VERSIONS_SHOWN);
}
