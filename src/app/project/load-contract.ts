import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Contract } from '#contracts';
import { contractReader } from './contract-reader.ts';
import { UsageError } from './errors.ts';

/**
 * A contract from a file of its own: a TypeScript module whose default export, or whose export `contract`, is one, or a
 * data contract in YAML (ODCS 3). Either can run code or SQL of its author.
 * `datasets` names those that it will be compared with.
 */
export async function loadContract(file: string, schema?: string, datasets: readonly string[] = []): Promise<Contract> {
  const entry = path.resolve(file);
  const known = await stat(entry).catch(() => undefined);
  if (!known?.isFile())
    throw new UsageError('contract_unusable', `Expected a contract at ${file}, and there is no such file.`);
  const reader = contractReader(entry);
  if (reader?.kind === 'odcs') {
    const { loadOdcs } = await reader.load();
    return loadOdcs(await readFile(entry, 'utf8'), { ...(schema === undefined ? {} : { schema }), datasets });
  }
  if (schema !== undefined) {
    throw new UsageError(
      'contract_unusable',
      `Expected a data contract in YAML, of which --schema names a part; got ${file}.`,
    );
  }
  if (reader === undefined) {
    throw new UsageError(
      'contract_unusable',
      `Expected a contract in TypeScript (.ts) or as ODCS (.yaml); got ${file}.`,
    );
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'weir-contract-'));
  try {
    const [{ loadModule }, { withSlimLibrary }] = await reader.load();
    const exported = await loadModule(entry, { stateFolder: folder, finish: withSlimLibrary });
    const found = [exported.default, exported.contract].map(contractIn).find((each) => each !== undefined);
    if (found !== undefined) return found;
    throw new UsageError(
      'contract_unusable',
      `Expected ${file} to export a contract as its default or under the name "contract": defineContract({…}). It exports ${Object.keys(exported).join(', ') || 'nothing'}.`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The contract that a value is, or that a project in it has. */
function contractIn(value: unknown): Contract | undefined {
  if (isContract(value)) return value;
  return typeof value === 'object' && value !== null && 'contract' in value ? contractIn(value.contract) : undefined;
}

const isContract = (value: unknown): value is Contract =>
  typeof value === 'object' &&
  value !== null &&
  'columns' in value &&
  'expectations' in value &&
  'criticality' in value;
