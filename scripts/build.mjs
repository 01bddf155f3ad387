// Builds `dist`: the parts by tsc, the pages by vite, side by side. Everything goes into a folder beside it that takes
// its place at the end: no stale file stays, and a build that fails leaves the last good one where it was.
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { buildStamp, STAMP } from './prepare/stamps.mjs';
import { rootFolder } from './root-folder.mjs';
import { runStep } from './run-step.mjs';
import { toolCommand } from './tools.mjs';

const source = join(rootFolder, 'src');
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
    runTool('compile', 'tsc', ['-p', 'tsconfig.build.json', '--outDir', next]),
    runTool('pages', 'vite', ['build', '-c', 'src/web/vite.config.ts', '--outDir', join(next, 'web')]),
  ]);
  if (results.some((isGood) => !isGood)) return 1;
  cpSync(source, next, { recursive: true, filter: isCopied });
  writeFileSync(join(next, STAMP), stamp);
  if (existsSync(dist)) renameSync(dist, previous);
  renameSync(next, dist);
  rmSync(previous, { recursive: true, force: true });
  return 0;
}

async function runTool(name, tool, toolArgs) {
  const { code, output } = await runStep(name, toolCommand(tool, toolArgs), { cwd: rootFolder });
  if (code !== 0) process.stderr.write(`\n${output.trimEnd()}\n\n`);
  return code === 0;
}

// What tsc does not carry over: SQL, plain JavaScript that boots threads, HTML. The pages are vite's.
function isCopied(path) {
  const inside = relative(source, path);
  if (inside === 'web' || inside.startsWith(`web${sep}`)) return false;
  return statSync(path).isDirectory() || /\.(sql|mjs|html|css|wasm)$/.test(inside);
}
