import { join } from 'node:path';
import { rootFolder } from './root-folder.mjs';

// Started by file and not by name: that needs no shell, no PATH, and works on Windows.
const PROGRAMS = {
  biome: '@biomejs/biome/bin/biome',
  knip: 'knip/bin/knip.js',
  tsc: 'typescript/bin/tsc',
  vite: 'vite/bin/vite.js',
  vitest: 'vitest/vitest.mjs',
};

/** The command and arguments that run a tool of `node_modules` with this Node. */
export function toolCommand(tool, args, root = rootFolder) {
  return { command: process.execPath, args: [join(root, 'node_modules', PROGRAMS[tool]), ...args] };
}
