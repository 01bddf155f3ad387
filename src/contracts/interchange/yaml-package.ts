import { createRequire } from 'node:module';

/**
 * The package that reads and writes YAML, loaded on demand: its seventy files take a tenth of a second of processor
 * time, and few processes need it.
 */
export const yamlPackage = (): typeof import('yaml') => createRequire(import.meta.url)('yaml');
