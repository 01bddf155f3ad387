import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { DuckdbPool } from '#store';
import { integer, text } from '../columns.ts';
import type { Contract } from '../contract.ts';
import type { CheckOutcome } from './check-outcome.ts';
import { readGoodRows } from './read-good-rows.ts';

/** A line of a checked file that is no good row, and all that is wrong with it. */
export interface BadLine {
  readonly line: number;
  readonly reason: string;
}

export interface ReadReasonsOptions {
  readonly files: CheckOutcome['files'];
  /** The contract that the file was checked against. */
  readonly contract: Contract;
  readonly duckdb: DuckdbPool;
  /** How many lines at most, from the first on. */
  readonly linesMax: number;
  readonly signal?: AbortSignal;
}

const REASONS = { line: integer({}), violations: text({}) };

/** The first bad and rejected lines of a file, by what `checkFile` wrote. */
export async function readReasons(options: ReadReasonsOptions): Promise<readonly BadLine[]> {
  const lines = [...(await badLines(options)), ...(await rejectedLines(options))];
  return lines.toSorted((a, b) => a.line - b.line).slice(0, options.linesMax);
}

async function badLines({ files, contract, linesMax, ...reading }: ReadReasonsOptions): Promise<readonly BadLine[]> {
  if (files.bad === undefined) return [];
  const lines: BadLine[] = [];
  const reasons = { ...contract, columns: REASONS, expectations: [] };
  await readGoodRows({ ...reading, file: files.bad, contract: reasons, pageRows: PAGE_ROWS }, (page) => {
    for (const { line, violations } of page)
      if (lines.length < linesMax) lines.push({ line: Number(line), reason: String(violations) });
  });
  return lines;
}

const PAGE_ROWS = 10_000;

async function rejectedLines({ files, linesMax }: ReadReasonsOptions): Promise<readonly BadLine[]> {
  if (files.rejected === undefined) return [];
  const lines: BadLine[] = [];
  for await (const record of createInterface({ input: createReadStream(files.rejected, 'utf8') })) {
    if (lines.length === linesMax) break;
    // `checkFile` wrote it.
    const { line, reason } = JSON.parse(record) as BadLine;
    lines.push({ line, reason });
  }
  return lines;
}
