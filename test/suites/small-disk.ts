import { spawnSync } from 'node:child_process';

/** A disk of the size asked for, mounted over a folder; only root may, or who may become root without a password. */
export interface SmallDisk {
  resize(size: string): void;
  unmount(): void;
}

/** Undefined where nothing may be mounted. `size` is one of tmpfs, for example `30m`. */
export function maybeSmallDisk(folder: string, size: string): SmallDisk | undefined {
  const mount = (options: string): boolean =>
    asRoot('mount', '-t', 'tmpfs', '-o', `mode=0777,${options}`, 'weir-test', folder);
  if (!mount(`size=${size}`)) return undefined;
  return {
    resize: (larger) => {
      if (!mount(`remount,size=${larger}`)) throw new Error(`The small disk at ${folder} could not be made larger.`);
    },
    unmount: () => void asRoot('umount', folder),
  };
}

// A runner of a CI service is no root, but may become one.
function asRoot(program: string, ...words: readonly string[]): boolean {
  return spawnSync('sudo', ['-n', program, ...words]).status === 0 || spawnSync(program, words).status === 0;
}
