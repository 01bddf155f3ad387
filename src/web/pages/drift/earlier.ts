/** The version before this one, whose windows were judged before it was promoted; undefined when there is none. */
export function maybeEarlier(
  versions: readonly { readonly version: number }[],
  shown: number | null,
): number | undefined {
  if (shown === null) return undefined;
  return versions
    .map(({ version }) => version)
    .filter((version) => version < shown)
    .toSorted((a, b) => b - a)[0];
}
