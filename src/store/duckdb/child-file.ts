import { programFile } from '../program-file.ts';

/** The program of the child, for plain Node. */
export const childFile = (): string => programFile('child', import.meta.url);
