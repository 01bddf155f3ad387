import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rootFolder } from '../root-folder.mjs';
import { runStep, say } from '../run-step.mjs';
import { npmCommand, npmEnvironment } from './npm.mjs';
import { withFolderToOurselves } from './one-at-a-time.mjs';
import { assertRoomToInstall, assertWritable, explainFailure, PrepareError } from './problems.mjs';
import { buildIsCurrent, installIsCurrent, STAMP, writeInstallStamp } from './stamps.mjs';

/** Brings `node_modules` and `dist` up to date; resolves with the exit code. */
export async function prepare(root = rootFolder) {
  try {
    if (isPrepared(root)) return 0;
    assertWritable(root);
    // Asked again under the lock: another start may have done the work while we waited.
    await withFolderToOurselves(root, async () => {
      if (!installIsCurrent(root)) await install(root);
      if (!buildIsCurrent(root)) await build(root);
    });
    return 0;
  } catch (error) {
    if (!(error instanceof PrepareError)) throw error;
    process.stderr.write(`\n${error.message}\n`);
    return 1;
  }
}

function isPrepared(root) {
  return installIsCurrent(root) && buildIsCurrent(root);
}

async function install(root) {
  assertRoomToInstall(root);
  // Gone first: an install that is killed half-way must not look finished.
  rmSync(join(root, 'node_modules', STAMP), { force: true });
  const npm = npmCommand(['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund']);
  say('installing packages from package-lock.json; the first time this takes about a minute');
  const result = await runStep('install', npm, { cwd: root, env: npmEnvironment(process.env) });
  if (result.code !== 0) throw new PrepareError(explainFailure('install', result, { root }));
  writeInstallStamp(root);
}

async function build(root) {
  const script = fileURLToPath(new URL('../build.mjs', import.meta.url));
  say('building');
  const result = await runStep('build', { command: process.execPath, args: [script] }, { cwd: root });
  if (result.code !== 0) throw new PrepareError(explainFailure('build', result, { root }));
}
