import { createRequire } from 'node:module';

/**
 * The package that reads and writes YAML, loaded when a document is read or written: its seventy files take a tenth of a
 * second of processor time, and nearly every process that knows contracts does neither.
 */
export const yamlPackage = (): typeof import('yaml') => createRequire(import.meta.url)('yaml');
