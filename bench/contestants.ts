import { fileURLToPath } from 'node:url';
import { type Command, type Measured, runContestant } from './contestant.ts';
import type { GeneratedFile } from './data.ts';
import { peerScript } from './python.ts';

/** Who competes: our own scripts run under tsx, the others in the peers' virtual environment. */
export interface Contestant {
  readonly title: string;
  readonly script: string;
  readonly python?: string | undefined;
}

export interface Heat {
  readonly work: 'check' | 'check-quantile' | 'check-sql' | 'profile';
  readonly file: GeneratedFile;
  readonly folder: string;
  readonly repetitions: number;
}

/** Runs one contestant over one file, in a process of its own. */
export function compete(contestant: Contestant, heat: Heat): Promise<Measured | undefined> {
  const { command, args } = commandOf(contestant);
  return runContestant({ command, args: [...args, heat.work, heat.file.path, heat.folder, String(heat.repetitions)] });
}

function commandOf({ script, python }: Contestant): Command {
  if (python !== undefined) return { command: python, args: [peerScript(script)] };
  const file = fileURLToPath(new URL(`./${script}.ts`, import.meta.url));
  return { command: process.execPath, args: ['--import', 'tsx', '-C', 'weir-source', file] };
}
