import { fileURLToPath } from 'node:url';
import { runContestant } from './contestant.ts';
import { soakServer } from './soak-server.ts';
import type { Suite } from './suite.ts';
import { table } from './table.ts';

/** What a long life of one engine, with processes for its attempts, leaves in memory. */
export interface SoakFigures {
  readonly looks: readonly { readonly runs: number; readonly heapBytes: number; readonly residentBytes: number }[];
  /** Behind one run that has a goal for each of the runs before. */
  readonly afterLarge: { readonly heapBytes: number; readonly residentBytes: number };
}

const RUNS = 20_000;
const GOALS_DEFAULT = 100_000;

/** Memory after many runs, which has to be flat. `--goals` scales it as it does the engine's suite. */
export const soakSuite: Suite = {
  name: 'soak',
  run: async function* ({ goals, folder, say }) {
    const runs = Math.max(20, Math.round((RUNS * goals) / GOALS_DEFAULT));
    say(`Weir, ${runs.toLocaleString('en')} runs`);
    const file = fileURLToPath(new URL('./soak-ours.ts', import.meta.url));
    const args = ['--expose-gc', '--import', 'tsx', '-C', 'weir-source', file, String(runs), folder];
    const found = await runContestant<SoakFigures>({ command: process.execPath, args });
    if (found === undefined) return;
    const row = (after: string, { heapBytes, residentBytes }: SoakFigures['afterLarge']): readonly string[] => [
      after,
      ...[heapBytes, residentBytes].map((bytes) => `${(bytes / 1e6).toFixed(1)} MB`),
    ];
    const rows = found.looks.map((look) => row(`${look.runs.toLocaleString('en')} runs of one goal`, look));
    rows.push(row(`one more run, of ${runs.toLocaleString('en')} goals`, found.afterLarge));
    yield `### Memory of an engine that goes on\n\n${table(['after', 'live heap', 'resident memory'], rows)}`;
    say(`a server, ${runs.toLocaleString('en')} runs`);
    const looks = (await soakServer(runs, folder)).map((look) => [
      ...[`${look.runs.toLocaleString('en')} runs`, `${(look.residentBytes / 1e6).toFixed(1)} MB`],
    ]);
    yield `### Memory of a server that goes on\n\n${table(['after', 'resident memory'], looks)}`;
  },
};
