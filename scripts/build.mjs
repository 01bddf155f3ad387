// Builds `dist`: the parts by esbuild, their types by tsc, the pages by vite, side by side. Everything goes into a folder
// beside it that takes its place at the end: no stale file stays, and a build that fails leaves the last good one where
// it was.
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildStamp, STAMP } from './prepare/stamps.mjs';
import { rootFolder } from './root-folder.mjs';
import { runStep } from './run-step.mjs';
import { toolCommand } from './tools.mjs';

const dist = join(rootFolder, 'dist');
// As deep as dist itself, because source maps hold relative paths.
const next = join(rootFolder, 'dist.next');
const previous = join(rootFolder, 'dist.previous');

process.exitCode = await build();

async function build() {
  // Taken first: an edit made while the build runs must lead to another one.
  const stamp = buildStamp(rootFolder);
  for (const folder of [next, previous]) rmSync(folder, { recursive: true, force: true });
  mkdirSync(next);
  const results = await Promise.all([
    run('bundle', { command: process.execPath, args: [join(rootFolder, 'scripts', 'bundle.mjs'), next] }),
    run('types', toolCommand('tsc', ['-p', 'tsconfig.build.json', '--outDir', next])),
    run('pages', toolCommand('vite', ['build', '-c', 'src/web/vite.config.ts', '--outDir', join(next, 'web')])),
  ]);
  if (results.some((isGood) => !isGood)) return 1;
  writeFileSync(join(next, STAMP), stamp);
  if (existsSync(dist)) renameSync(dist, previous);
  renameSync(next, dist);
  rmSync(previous, { recursive: true, force: true });
  return 0;
}

async function run(name, command) {
  const { code, output } = await runStep(name, command, { cwd: rootFolder });
  if (code !== 0) process.stderr.write(`\n${output.trimEnd()}\n\n`);
  return code === 0;
}
