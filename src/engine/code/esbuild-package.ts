import { createRequire } from 'node:module';

/**
 * The package that builds code, loaded on demand. By `require`, as it is CommonJS: to import it, Node would first look
 * through its text for names, which takes 30 ms of processor time.
 */
export const esbuildPackage = (): typeof import('esbuild') => createRequire(import.meta.url)('esbuild');
