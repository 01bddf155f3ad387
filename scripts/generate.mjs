// Writes every generated file again. With --check it proves instead that what is committed is what would be written.
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootFolder } from './root-folder.mjs';
import { runInSight, say } from './run-step.mjs';

/** What is generated: by which command, into which files or folders. */
const GENERATORS = [
  {
    name: 'Grafana dashboards',
    args: ['--import', 'tsx', '-C', 'weir-source', 'scripts/write-grafana.mjs'],
    writes: ['grafana'],
  },
  {
    name: 'files of deployments',
    args: ['--import', 'tsx', '-C', 'weir-source', 'scripts/write-deployment.mjs'],
    writes: ['deploy'],
  },
  {
    name: 'schema of the database',
    args: ['--import', 'tsx', '-C', 'weir-source', 'scripts/dump-schema.mjs'],
    writes: ['database/schema.sql'],
  },
];

process.exitCode = await generate(process.argv.includes('--check'));

async function generate(isCheck) {
  let stale = [];
  for (const { name, args, writes } of GENERATORS) {
    const before = contentsOf(writes);
    const code = await runInSight({ command: process.execPath, args }, { cwd: rootFolder });
    if (code !== 0) {
      process.stderr.write(`The ${name} could not be generated: node ${args.join(' ')} ended with ${code}.\n`);
      return code;
    }
    const after = contentsOf(writes);
    const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
      (file) => before.get(file) !== after.get(file),
    );
    if (isCheck) restore(before, changed);
    else for (const file of changed) say(`wrote ${file}`);
    stale = stale.concat(changed);
  }
  if (!isCheck || stale.length === 0) return 0;
  process.stderr.write(`Not as generated: ${stale.join(', ')}. Run "npm run generate" and commit what it writes.\n`);
  return 1;
}

function contentsOf(paths) {
  return new Map(paths.flatMap(filesAt).map((file) => [file, readFileSync(join(rootFolder, file), 'utf8')]));
}

function filesAt(path) {
  const absolute = join(rootFolder, path);
  if (!existsSync(absolute)) return [];
  if (!statSync(absolute).isDirectory()) return [path];
  return readdirSync(absolute)
    .sort()
    .flatMap((name) => filesAt(`${path}/${name}`));
}

// A check leaves the tree as it found it.
function restore(before, files) {
  for (const file of files) {
    if (before.has(file)) writeFileSync(join(rootFolder, file), before.get(file));
    else rmSync(join(rootFolder, file));
  }
}
