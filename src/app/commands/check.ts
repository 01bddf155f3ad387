import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type CheckResult, checkFile, type Verdict, withoutRoles } from '#contracts';
import { openDuckdbPool } from '#store';
import { type Environment, loadConfig } from '../config.ts';
import { loadProject } from '../load-project.ts';
import { pathsOf } from '../paths.ts';

const EXIT_CODES: Readonly<Record<Verdict, number>> = { pass: 0, warn: 1, fail: 2, quarantined: 3 };

export interface CheckCommand {
  readonly projectFolder: string;
  readonly environment: Environment;
  readonly json?: boolean;
  readonly withLabel?: boolean;
}

/** Checks one file against the project's contract and prints what it found. Needs no database. Returns the exit code. */
export async function checkCommand(file: string, options: CheckCommand): Promise<number> {
  const config = await loadConfig(options.projectFolder, options.environment);
  const paths = pathsOf(options.projectFolder, config);
  const { contract } = await loadProject(paths.project, paths.state);
  const folder = await mkdtemp(path.join(tmpdir(), 'weir-check-'));
  const { memoryLimitMb, threads } = config.duckdb;
  const duckdb = await openDuckdbPool({ memoryLimitMb, threads, temporaryFolder: folder, size: 1 });
  try {
    const expected = options.withLabel ? contract : withoutRoles(contract, ['label']);
    const { result } = await checkFile({ path: file, name: path.basename(file), contract: expected, folder, duckdb });
    process.stdout.write(options.json ? `${JSON.stringify(toJson(result))}\n` : toText(result));
    return EXIT_CODES[result.verdict];
  } finally {
    await duckdb.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function toJson({ rows, verdict, criticality, violations, digest }: CheckResult): object {
  return { rows, verdict, criticality: criticality ?? null, violations, digest };
}

function toText(result: CheckResult): string {
  const { rows, violations } = result;
  const lines = violations.map(
    ({ sentence, rows: count, share }) => `  ${count} row(s), ${(share * 100).toFixed(1)} %: ${sentence}`,
  );
  const heading = `${result.file}: ${result.verdict}${result.criticality ? `, criticality ${result.criticality}` : ''}`;
  return `${[heading, `  ${rows.in} rows: ${rows.good} good, ${rows.bad} bad, ${rows.rejected} rejected`, ...lines].join('\n')}\n`;
}
