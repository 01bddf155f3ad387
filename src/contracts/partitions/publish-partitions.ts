import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { hasErrorCode } from '#store';
import { goodPart } from '../check/good-part.ts';
import type { CheckResult } from '../check-result.ts';
import { ByteWriter } from '../scan/byte-writer.ts';
import { UndecodableError } from '../scan/undecodable-error.ts';
import { countWritten } from './count-written.ts';
import { MANIFEST, type Manifest, type WrittenFile } from './manifest.ts';
import { outputNames } from './output-names.ts';
import type { PartFindings } from './part-findings.ts';
import type { PassedPart } from './pass-part.ts';
import type { PlanOfPart } from './set-plan.ts';

/** A file of the dataset whose rows are parted for good. */
export interface FinishedPart {
  readonly name: string;
  readonly findings: PartFindings;
  /** Undefined where it has no header. */
  readonly own: PlanOfPart | undefined;
  readonly passed: PassedPart;
}

interface Publishing {
  readonly work: string;
  readonly folder: string;
  readonly result: CheckResult;
}

const RESULT = 'check.json';
const ENDINGS = { good: 'csv', bad: 'csv', rejected: 'jsonl' } as const;
type Part = keyof typeof ENDINGS;
const PARTS = Object.keys(ENDINGS) as readonly Part[]; // The keys of an object are its own.

/**
 * Moves the rows of all files to their places: a folder each for good, bad and rejected ones, which appears whole. The old
 * manifest is removed first and the new one is written last.
 */
export async function publishPartitions(
  parts: readonly FinishedPart[] | undefined,
  { work, folder, result }: Publishing,
): Promise<Manifest | undefined> {
  const staged = path.join(work, 'staged');
  for (const part of PARTS) await mkdir(path.join(staged, part), { recursive: true });
  const manifest = parts === undefined ? undefined : await stage(parts, { staged, result });
  for (const name of [MANIFEST, RESULT]) await rm(path.join(folder, name), { force: true });
  for (const part of PARTS) {
    await moveAway(path.join(folder, part), path.join(work, `old-${part}`));
    if (parts !== undefined) await rename(path.join(staged, part), path.join(folder, part));
  }
  await writeJson(RESULT, { content: result, work, folder });
  if (manifest !== undefined) await writeJson(MANIFEST, { content: manifest, work, folder });
  return manifest;
}

/** Gathers the files, and reads each once more: what is written is what counts. */
async function stage(
  parts: readonly FinishedPart[],
  { staged, result }: { readonly staged: string; readonly result: CheckResult },
): Promise<Manifest> {
  const names = outputNames(parts.map(({ name }) => name));
  const partitions: Manifest['partitions'][number][] = [];
  for (const [index, part] of parts.entries()) {
    const checked = result.partitions?.[index];
    if (checked === undefined) throw new Error(`Expected ${part.name} in the result.`);
    const files: { -readonly [K in Part]?: WrittenFile } = {};
    for (const [kind, from] of Object.entries(await filesOf(part))) {
      const of = kind as Part; // The entries have the keys of the parts.
      const file = `${of}/${names[index]}.${ENDINGS[of]}`;
      await mkdir(path.dirname(path.join(staged, file)), { recursive: true });
      await rename(from, path.join(staged, file));
      files[of] = await written(path.join(staged, file), { file, of });
    }
    assertComplete(part, { files, rows: checked.rows });
    partitions.push({ ...checked, files });
  }
  const { contract, digest, rows } = result;
  return { kind: 'partitioned-dataset', version: 1, contract, digest, rows, partitions };
}

async function filesOf({ own, passed, findings }: FinishedPart): Promise<{ readonly [K in Part]?: string }> {
  const { pass, rejected } = passed;
  const { good = 0, bad = 0, paths } = pass?.files ?? {};
  return {
    ...(good > 0 && own !== undefined && paths !== undefined
      ? { good: await goodPart(own.contract, { header: own.header, good: paths.good }) }
      : {}),
    ...(bad > 0 && paths !== undefined ? { bad: paths.bad } : {}),
    ...(findings.rows.rejected > 0 ? { rejected } : {}),
  };
}

async function written(
  place: string,
  { file, of }: { readonly file: string; readonly of: Part },
): Promise<WrittenFile> {
  const isTable = of !== 'rejected';
  const { records, digest, sizeBytes } = await countWritten(place, { isQuoted: isTable });
  return { file, digest, sizeBytes, rows: isTable ? records - 1 : records };
}

/** Rows in = good + bad + rejected, of what is on disk. */
function assertComplete(
  { name, findings }: FinishedPart,
  { files, rows }: { readonly files: { readonly [K in Part]?: WrittenFile }; readonly rows: CheckResult['rows'] },
): void {
  const read = findings.rows.good + findings.rows.bad + findings.rows.rejected;
  const [good, bad, rejected] = PARTS.map((part) => files[part]?.rows ?? 0);
  const isSame = good === rows.good && bad === rows.bad && rejected === rows.rejected && rows.in === read;
  if (isSame) return;
  throw new UndecodableError(
    `the count of ${name} does not add up: ${read} records read; ${good} good, ${bad} bad and ${rejected} rejected ones written`,
  );
}

/** What an earlier check left; in the work folder it is removed with it. */
async function moveAway(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: unknown) => {
    if (!hasErrorCode(error, 'ENOENT')) throw error;
  });
}

async function writeJson(
  name: string,
  { content, work, folder }: { readonly content: unknown; readonly work: string; readonly folder: string },
): Promise<void> {
  const writer = new ByteWriter(path.join(work, name));
  writer.appendText(`${JSON.stringify(content, undefined, 2)}\n`);
  await writer.close();
  await rename(path.join(work, name), path.join(folder, name));
}
