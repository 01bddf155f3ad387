/** Asks for a file as the entry of one task. It stays a file of the project, so that its settings hold for it too. */
export const KEPT = '?weir-task=';

/** What esbuild says, with the plain name of the file where it means the entry of a task. */
export const withoutKept = (text: string): string => text.replaceAll(/\?weir-task=[\w$]+/g, '');
