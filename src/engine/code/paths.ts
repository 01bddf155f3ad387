import path from 'node:path';

/** A folder and its parents, the nearest first. */
export function* foldersUp(folder: string): Generator<string> {
  for (let at = folder; ; at = path.dirname(at)) {
    yield at;
    if (at === path.dirname(at)) return;
  }
}

export const toPosix = (file: string): string => file.replaceAll(path.sep, '/');

export const isInside = (file: string, folder: string): boolean => file.startsWith(folder + path.sep);

/** A relative path as written in a call of `require`. */
export const toRequired = (relative: string): string => toPosix(relative).replace(/^(?!\.\.?\/)/, './');

/** A relative path as written in an import or a URL. */
export const toAddress = (relative: string): string =>
  encodeURI(toRequired(relative)).replaceAll('?', '%3F').replaceAll('#', '%23');
