// npm run test:node -- <version> [filters]: runs the tests on another Node, which comes from npm and stays in a cache.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { rootFolder } from './root-folder.mjs';
import { runInSight, runStep } from './run-step.mjs';

const [version = '', ...filters] = process.argv.slice(2);
process.exitCode = await testOn(version);

async function testOn(wanted) {
  if (!/^\d+(\.\d+){0,2}$/.test(wanted)) {
    process.stderr.write(`Expected a version of Node, such as 24 or 20.19.0; got "${wanted}".\n`);
    return 1;
  }
  const bin = await maybeInstall(wanted);
  if (bin === undefined) return 1;
  // Tests start "node" by its name too.
  process.env.PATH = `${bin}${delimiter}${process.env.PATH ?? ''}`;
  const test = { command: join(bin, 'node'), args: [join(rootFolder, 'scripts', 'test.mjs'), ...filters] };
  return runInSight(test, { cwd: rootFolder });
}

/** The folder with the binary. The package holds it as a plain file: nothing has to be run to install it. */
async function maybeInstall(wanted) {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(rootFolder, 'node_modules', '.cache', `node-${wanted}`);
  const bin = join(folder, 'node_modules', name, 'bin');
  if (existsSync(join(bin, 'node'))) return bin;
  const args = ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', `${name}@${wanted}`];
  const { code, output } = await runStep(`install of Node ${wanted}`, { command: 'npm', args });
  if (code === 0) return bin;
  process.stderr.write(`${output}\nNode ${wanted} could not be installed as ${name}@${wanted}.\n`);
  return undefined;
}
