import path from 'node:path';

/** Name and ending of a file; of what is compressed both endings, which say together how it is read: `.csv.gz`. */
export function partsOfName(file: string): { readonly name: string; readonly ending: string } {
  const [, name = '', ending = ''] = /^(.+?)((?:\.[^.]*)?(?:\.gz)?)$/is.exec(path.basename(file)) ?? [];
  return { name, ending };
}
