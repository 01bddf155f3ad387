import { partsOfName } from '../scan/file-name.ts';

/**
 * The names of what is written of each file, without an ending: those of the files without their endings, or with them
 * where two would be the same.
 */
export function outputNames(names: readonly string[]): readonly string[] {
  const bare = names.map((name) => {
    const at = name.lastIndexOf('/') + 1;
    return `${name.slice(0, at)}${partsOfName(name.slice(at)).name}`;
  });
  const taken = new Map<string, number>();
  for (const name of bare) taken.set(name, (taken.get(name) ?? 0) + 1);
  return bare.map((name, index) => ((taken.get(name) ?? 0) > 1 ? (names[index] ?? name) : name));
}
