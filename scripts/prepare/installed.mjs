import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Tells from npm's own note in `node_modules` whether what is installed is what the lock asks for on this machine. */
export function installMatchesLock(root, machine = process) {
  const note = join(root, 'node_modules', '.package-lock.json');
  // npm writes the note last, so an install that was killed has none.
  if (!existsSync(note)) return false;
  const wanted = packagesIn(join(root, 'package-lock.json'));
  const found = packagesIn(note);
  const isWanted = (name) => name in wanted && wanted[name].version === found[name].version;
  const isThere = (name) => name in found || mayBeAbsent(wanted[name], machine);
  return Object.keys(found).every(isWanted) && Object.keys(wanted).every(isThere);
}

// Packages for other machines are left out, and so is what they alone need, which names no machine itself.
function mayBeAbsent(entry, machine) {
  const namesMachine = entry.os !== undefined || entry.cpu !== undefined || entry.libc !== undefined;
  return entry.optional === true && !(namesMachine && fitsMachine(entry, machine));
}

/** Tells whether a package of the lock is meant for this machine. */
export function fitsMachine(entry, machine = process) {
  return (
    allows(entry.os, machine.platform) &&
    allows(entry.cpu, machine.arch) &&
    (entry.libc === undefined || machine.platform !== 'linux' || allows(entry.libc, libcOf(machine)))
  );
}

function packagesIn(file) {
  const { '': _root, ...packages } = JSON.parse(readFileSync(file, 'utf8')).packages;
  return packages;
}

// npm's own rule: names listed are the only ones allowed, and a name with "!" in front is refused.
function allows(listed, actual) {
  if (listed === undefined) return true;
  if (listed.includes(`!${actual}`)) return false;
  const positive = listed.filter((name) => !name.startsWith('!'));
  return positive.length === 0 || positive.includes(actual) || positive.includes('any');
}

let knownLibc;

function libcOf(machine) {
  // The report takes milliseconds to make, and a lock asks for this a hundred times.
  knownLibc ??= machine.report?.getReport()?.header?.glibcVersionRuntime === undefined ? 'musl' : 'glibc';
  return knownLibc;
}
