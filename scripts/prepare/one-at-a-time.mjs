import { createHash } from 'node:crypto';
import { linkSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { say } from '../run-step.mjs';

const ASK_AGAIN_MS = 250;

/** Runs work while no other process prepares the same folder; waits for the other one first. */
export async function withFolderToOurselves(root, work) {
  const file = lockFile(root);
  let waitedFor;
  for (let owner = maybeOwner(file); owner !== undefined; owner = maybeOwner(file)) {
    if (owner !== waitedFor) say(`process ${owner} is preparing this folder; waiting for it`);
    waitedFor = owner;
    await pause(ASK_AGAIN_MS);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** Names the lock of a folder. It lies outside, because an install and a build replace what is inside. */
export function lockFile(root) {
  const name = createHash('sha256').update(realpathSync(root)).digest('hex').slice(0, 16);
  return join(tmpdir(), `weir-prepare-${name}.lock`);
}

// Takes the lock and returns undefined, or returns who has it.
function maybeOwner(file) {
  if (tryToTake(file)) return undefined;
  const owner = Number(readOwner(file));
  if (isAlive(owner)) return owner;
  // Left by a process that was killed.
  rmSync(file, { force: true });
  return maybeOwner(file);
}

// Linked rather than written in place, so that the lock is never seen without its owner in it.
function tryToTake(file) {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

function readOwner(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    // Released between the two looks.
    if (error.code === 'ENOENT') return '0';
    throw error;
  }
}

// As `stateOfProcess` in src/store, as far as a script can that runs before anything is installed or built.
function isAlive(pid) {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
