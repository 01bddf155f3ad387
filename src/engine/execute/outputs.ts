import { buffer, text } from 'node:stream/consumers';
import type { ArtifactDriver } from '#store';
import { type Artifact, type Artifacts, INLINE_BYTES_MAX } from '../define/artifact.ts';
import { TaskError } from '../define/errors.ts';
import type { Json } from '../define/goal.ts';
import { digestOf } from '../define/key.ts';
import type { BlobInput, BlobReceipt, FileReceipt, Output, OutputContent, RowsReceipt, Task } from '../define/task.ts';
import type { AttemptReceipts } from './attempt-receipts.ts';
import { unwatched } from './watch.ts';

/** For readers that only look. */
const NOBODY = { givePath: (path: string): string => path };

/** Artifacts as the next task sees them: values parsed, blobs as files. */
export async function readArtifacts(
  artifacts: Artifacts,
  driver: ArtifactDriver,
  receipts: Pick<AttemptReceipts, 'givePath'> = NOBODY,
): Promise<Record<string, unknown>> {
  const read: Record<string, unknown> = {};
  for (const [name, artifact] of Object.entries(artifacts))
    read[name] = await readArtifact(artifact, { driver, receipts });
  return read;
}

async function readArtifact(
  artifact: Artifact,
  from: { readonly driver: ArtifactDriver; readonly receipts: Pick<AttemptReceipts, 'givePath'> },
): Promise<unknown> {
  const { driver, receipts } = from;
  switch (artifact.kind) {
    case 'value':
      if (artifact.value !== undefined) return artifact.value;
      return JSON.parse(await text(await driver.read(artifact.digest)));
    case 'blob': {
      const { digest, sizeBytes } = artifact;
      return {
        digest,
        sizeBytes,
        bytes: () => unwatched(async () => buffer(await driver.read(digest))),
        path: () => unwatched(async () => receipts.givePath(await driver.localPath(digest))),
      } satisfies BlobInput;
    }
    case 'file':
    case 'rows':
      return artifact;
    default:
      return artifact satisfies never;
  }
}

export interface ReturnedOutputs {
  readonly returned: unknown;
  /** What the context created and read in this attempt. */
  readonly receipts: Pick<AttemptReceipts, 'has' | 'assertInputsUnchanged'>;
  readonly artifacts: ArtifactDriver;
  /** Files that are staged next to their final paths. */
  readonly staged: readonly { readonly receipt: object; readonly temporary: string }[];
}

/**
 * What `run` returned, as artifacts; refuses what is missing, undeclared, not accepted, or made from inputs that
 * changed in the meantime.
 */
export async function toArtifacts(task: Task, given: ReturnedOutputs): Promise<Artifacts> {
  const { returned } = given;
  const record: Readonly<Record<string, unknown>> = isRecord(returned) ? returned : {};
  const extra = Object.keys(record).find((name) => !Object.hasOwn(task.outputs, name));
  if (extra !== undefined)
    throw new TaskError(
      `Task ${task.name} returned ${extra}, which is not among its outputs. Declare it, or leave it out.`,
      {
        code: 'output_invalid',
        class: 'user',
      },
    );
  const artifacts: Record<string, Artifact> = {};
  for (const [name, output] of Object.entries(task.outputs)) {
    const value = Object.hasOwn(record, name) ? record[name] : undefined;
    if (value === undefined)
      throw new TaskError(`Task ${task.name} ended without its output ${name}. Return it from run.`, {
        code: 'output_invalid',
        class: 'user',
      });
    if (output.accepts !== undefined && !(await output.accepts(value, contentOf(value, given))))
      throw new TaskError(`Task ${task.name} refuses its output ${name}: accepts() said no.`, {
        code: 'output_invalid',
        class: 'data',
      });
    const where = `output ${name} of task ${task.name}`;
    artifacts[name] =
      output.kind === 'value'
        ? await toValue(value, { where, driver: given.artifacts })
        : toReceipt(value, { where, output, given });
  }
  await given.receipts.assertInputsUnchanged();
  return artifacts;
}

function contentOf(output: unknown, { artifacts, staged }: ReturnedOutputs): OutputContent {
  return {
    path: async () => {
      const file = staged.find(({ receipt }) => receipt === output);
      if (file !== undefined) return file.temporary;
      if (isRecord(output) && output.kind === 'blob' && typeof output.digest === 'string')
        return artifacts.localPath(output.digest);
      throw new TaskError('Only outputs of the kinds blob and file have content that accepts() may read.', {
        code: 'output_invalid',
        class: 'user',
      });
    },
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function toReceipt(
  value: unknown,
  from: { readonly where: string; readonly output: Output<unknown, unknown>; readonly given: ReturnedOutputs },
): Artifact {
  const { where, output, given } = from;
  if (!isRecord(value) || !given.receipts.has(value) || value.kind !== output.kind)
    throw new TaskError(
      `The ${where} must be what context.${output.kind}(…) returned in this attempt; got ${JSON.stringify(value)}.`,
      { code: 'output_invalid', class: 'user' },
    );
  // The context created it, so it is the receipt of its kind; receipts and artifacts have the same fields.
  return value as unknown as BlobReceipt | FileReceipt | RowsReceipt;
}

async function toValue(
  value: unknown,
  to: { readonly where: string; readonly driver: ArtifactDriver },
): Promise<Artifact> {
  const json = stringifyCanonical(value, to.where);
  const bytes = Buffer.from(json);
  if (bytes.length > INLINE_BYTES_MAX || !isStorableInline(json)) {
    const { digest, sizeBytes } = await to.driver.put(bytes);
    return { kind: 'value', digest, sizeBytes };
  }
  // Parsed back, so that the stored value shares nothing with objects that the task may still change.
  return { kind: 'value', digest: digestOf(bytes), sizeBytes: bytes.length, value: JSON.parse(json) as Json };
}

// jsonb holds neither U+0000 nor half a surrogate pair; both appear as escapes in what JSON.stringify writes.
const isStorableInline = (json: string): boolean => !/\\u(0000|d[89ab])/i.test(json);

/** JSON with sorted names, so that equal values have equal digests; refuses what JSON would change silently. */
export function stringifyCanonical(value: unknown, where: string): string {
  const refused = (what: string, field: string): TaskError =>
    new TaskError(`The ${where} holds ${what} at ${field === '' ? 'its top' : field}, which JSON cannot say.`, {
      code: 'output_invalid',
      class: 'user',
    });
  const write = (item: unknown, field: string): string => {
    if (item === null || typeof item === 'boolean' || typeof item === 'string') return JSON.stringify(item);
    if (typeof item === 'number') {
      if (!Number.isFinite(item)) throw refused(String(item), field);
      return JSON.stringify(item);
    }
    if (typeof item !== 'object') throw refused(`a ${typeof item}`, field);
    if (Array.isArray(item)) return `[${item.map((element, index) => write(element, `${field}[${index}]`)).join(',')}]`;
    const prototype: unknown = Object.getPrototypeOf(item);
    if (prototype !== Object.prototype && prototype !== null)
      throw refused(`a ${item.constructor?.name ?? 'class'}`, field);
    // A field that is undefined is left out, as JSON does: optional fields are part of plain records.
    const fields = Object.entries(item).filter(([, element]) => element !== undefined);
    fields.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${fields.map(([name, element]) => `${JSON.stringify(name)}:${write(element, `${field}.${name}`)}`).join(',')}}`;
  };
  return write(value, '');
}
