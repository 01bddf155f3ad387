import { createRequire } from 'node:module';

/** What is built has the package in one file, which `scripts/bundle.mjs` writes: its seventy take 30 ms to load, one 4. */
const from = import.meta.url.endsWith('.ts') ? 'yaml' : '../packages/yaml.cjs';

/** The package that reads and writes YAML, loaded on demand, because few processes need it. */
export const yamlPackage = (): typeof import('yaml') => createRequire(import.meta.url)(from);
