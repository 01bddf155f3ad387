import path from 'node:path';
import pino, { type Logger } from 'pino';
import { traceFields, withoutCredentials } from '#store';
import type { Config } from '../../project/config.ts';
import type { ProjectPaths } from '../../project/paths.ts';
import { openLogFile } from './log-file.ts';
import { sampleRepeats } from './sampling.ts';

const MB = 1_000_000;

/**
 * The log of everything that runs over one state folder: `logs/weir.log`, bounded in size and in repetitions, without
 * passwords.
 */
export function openLog(paths: ProjectPaths, config: Config): Logger {
  const { level, sizeMbMax, filesMax } = config.log;
  const bounds = { sizeBytesMax: sizeMbMax * MB, keptMax: filesMax - 1 };
  const file = openLogFile(path.join(paths.state, 'logs', 'weir.log'), bounds);
  return pino(
    {
      level,
      mixin: traceFields,
      hooks: { logMethod: sampleRepeats(), streamWrite: withoutCredentials },
    },
    file,
  );
}
