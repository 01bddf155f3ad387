import { type DuckdbPool, linesOf } from '#store';
import { integer, text } from '../columns.ts';
import type { Contract } from '../contract.ts';
import type { CheckOutcome } from './check-outcome.ts';
import { type ReadGoodRowsOptions, readGoodRows } from './read-good-rows.ts';

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
  await readBadLines({ ...reading, contract, file: files.bad, pageRows: PAGE_ROWS }, (page) => {
    lines.push(...page.slice(0, linesMax - lines.length));
  });
  return lines;
}

/** Reads the file that `checkFile` returned as `files.bad`, a page of lines at a time. */
export async function readBadLines(
  { contract, ...options }: ReadGoodRowsOptions,
  onPage: (lines: readonly BadLine[]) => Promise<void> | void,
): Promise<void> {
  const reasons = { ...contract, columns: REASONS, expectations: [] };
  await readGoodRows({ ...options, contract: reasons }, (page) =>
    onPage(page.map(({ line, violations }) => ({ line: Number(line), reason: String(violations) }))),
  );
}

const PAGE_ROWS = 10_000;

async function rejectedLines({ files, linesMax }: ReadReasonsOptions): Promise<readonly BadLine[]> {
  if (files.rejected === undefined) return [];
  const lines: BadLine[] = [];
  for await (const record of readRejectedLines(files.rejected)) {
    if (lines.length === linesMax) break;
    lines.push(record);
  }
  return lines;
}

/** Reads the file that `checkFile` returned as `files.rejected`. */
export async function* readRejectedLines(file: string): AsyncGenerator<BadLine> {
  for await (const record of linesOf(file)) {
    // `checkFile` wrote it.
    const { line, reason } = JSON.parse(record) as BadLine;
    yield { line, reason };
  }
}
