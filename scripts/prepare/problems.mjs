import { closeSync, openSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';

// node_modules takes 640 MB; npm unpacks into it directly and keeps archives in its cache, which may be elsewhere.
const INSTALL_BYTES = 800e6;
const FULL_BELOW_BYTES = 20e6;
const SHOWN_LINES = 40;

/** A problem that a person can mend; its message is all they need to see. */
export class PrepareError extends Error {
  name = 'PrepareError';
}

/** Throws when this user may not create files in the folder. */
export function assertWritable(root) {
  const probe = join(root, `.weir-probe-${process.pid}`);
  try {
    closeSync(openSync(probe, 'wx'));
    rmSync(probe);
  } catch (cause) {
    throw new PrepareError(explainCode(cause.code, root) ?? `Weir cannot write into ${root}: ${cause.message}`, {
      cause,
    });
  }
}

/** Throws when the disk has too little room for the packages. */
export function assertRoomToInstall(root, freeBytes = freeBytesOf(root)) {
  if (freeBytes >= INSTALL_BYTES) return;
  throw new PrepareError(
    `The packages of Weir need about ${megabytes(INSTALL_BYTES)} in ${root}, but only ${megabytes(freeBytes)} are free on its disk.\nMake room there, or move the clone to another disk, and run the command again.`,
  );
}

/** Says in words why a step failed: what is known about the machine first, then the end of what the step printed. */
export function explainFailure(step, { output }, { root, freeBytes = freeBytesOf(root) }) {
  const code = /\b(ENOSPC|EROFS|EACCES|EPERM)\b/.exec(output)?.[1];
  const isFull = code === 'ENOSPC' || /no space left on device/i.test(output) || freeBytes < FULL_BELOW_BYTES;
  const cause = isFull ? explainCode('ENOSPC', root) : code === undefined ? undefined : explainCode(code, root);
  const shown = output.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n');
  return [`The ${step} failed.`, cause, shown, nextMove(step, cause)].filter((part) => part !== undefined).join('\n\n');
}

function nextMove(step, cause) {
  if (cause !== undefined) return undefined;
  return step === 'install'
    ? 'The installation needs the npm registry: check the connection (a proxy is set with "npm config set proxy"), then run the command again.'
    : 'Mend what is said above and run the command again; "npm run build" runs this step alone.';
}

function explainCode(code, root) {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return `Weir writes node_modules, dist and .weir into its own folder, but this user may not write everything in ${root} (${code}).\nClone it to a folder of your own, or give this one to your user (chown), and run the command again.`;
    case 'EROFS':
      return `Weir writes node_modules, dist and .weir into its own folder, but ${root} is mounted read-only (EROFS).\nClone it to a folder that can be written, and run the command again.`;
    case 'ENOSPC':
      return `The disk is full (ENOSPC): ${root}, npm's cache or the temporary folder has no room left.\nMake room ("npm cache clean --force" frees npm's cache) and run the command again.`;
    default:
      return undefined;
  }
}

function freeBytesOf(folder) {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

function megabytes(bytes) {
  return `${Math.round(bytes / 1e6)} MB`;
}
