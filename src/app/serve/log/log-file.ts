import { closeSync, fstatSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import path from 'node:path';

export interface LogFileOptions {
  /** Size at which a file is rotated before the next line. */
  readonly sizeBytesMax: number;
  /** How many rotated files are kept: `weir.log.1` is the newest. */
  readonly keptMax: number;
}

/** Where pino writes lines. */
export interface LogFile {
  write(line: string): void;
  close(): void;
}

/**
 * A log that never takes more than (kept + 1) × size. Each line is written before `write` returns, because the last
 * ones before a crash matter most, and libraries that rotate files buffer them. A full disk loses lines, never the
 * process.
 */
export function openLogFile(file: string, { sizeBytesMax, keptMax }: LogFileOptions): LogFile {
  let descriptor: number | undefined;
  const open = (): number => {
    mkdirSync(path.dirname(file), { recursive: true });
    descriptor = openSync(file, 'a', 0o600);
    return descriptor;
  };
  const close = (): void => {
    if (descriptor !== undefined) closeSync(descriptor);
    descriptor = undefined;
  };
  return {
    write: (line) => {
      try {
        const current = descriptor ?? open();
        if (fstatSync(current).size >= sizeBytesMax) {
          close();
          moveAside(file, { sizeBytesMax, keptMax });
        }
        writeSync(descriptor ?? open(), line);
      } catch {
        // There is no other place to report it.
      }
    },
    close,
  };
}

function moveAside(file: string, { sizeBytesMax, keptMax }: LogFileOptions): void {
  // A command that writes at the same time as the server may have rotated it already.
  if (statSync(file).size < sizeBytesMax) return;
  for (let number = keptMax - 1; number >= 1; number -= 1) moveOver(`${file}.${number}`, `${file}.${number + 1}`);
  moveOver(file, `${file}.1`);
}

function moveOver(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
