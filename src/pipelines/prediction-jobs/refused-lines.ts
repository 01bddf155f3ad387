import { type BadLine, type Contract, readBadLines, readRejectedLines } from '#contracts';
import type { DuckdbPool } from '#store';
import type { ResultLine } from './result-columns.ts';

export interface RefusedLinesOptions {
  /** The parts of a check; an empty file where there is no such row. */
  readonly bad: string;
  readonly rejected: string;
  readonly contract: Contract;
  readonly duckdb: DuckdbPool;
  readonly signal: AbortSignal;
}

const PAGE_ROWS = 1_000;

/** The lines that a check refused and why, a page at a time: rows that break the contract, then what is no row. */
export async function refusedLines(
  { bad, rejected, ...reading }: RefusedLinesOptions & { readonly hasBad: boolean },
  onPage: (lines: readonly ResultLine[]) => Promise<void>,
): Promise<void> {
  if (reading.hasBad)
    await readBadLines({ ...reading, file: bad, pageRows: PAGE_ROWS }, (page) => onPage(page.map(toLine)));
  const page: ResultLine[] = [];
  for await (const record of readRejectedLines(rejected)) {
    page.push(toLine(record));
    if (page.length === PAGE_ROWS) await onPage(page.splice(0));
  }
  await onPage(page);
}

const toLine = ({ line, reason }: BadLine): ResultLine => ({ line, problem: reason });
