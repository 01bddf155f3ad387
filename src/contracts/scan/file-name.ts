import path from 'node:path';

/** Name and extension of a file; for a compressed file both extensions: `.csv.gz`. */
export function partsOfName(file: string): { readonly name: string; readonly ending: string } {
  const [, name = '', ending = ''] = /^(.+?)((?:\.[^.]*)?(?:\.(?:gz|zst|bz2|zip))?)$/is.exec(path.basename(file)) ?? [];
  return { name, ending };
}
