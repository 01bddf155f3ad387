import { z } from 'zod';
import { EngineError } from './errors.ts';
import type { Params } from './goal.ts';
import { encodeCanonical } from './key.ts';

interface HasParams<P extends Params> {
  readonly name: string;
  readonly params: z.ZodType<P>;
}

/** Params as the task's schema gives them, refused unless parsing them again changes nothing. */
export function parseParams<P extends Params>(task: HasParams<P>, given: unknown): P {
  const parsed = task.params.safeParse(given);
  if (!parsed.success)
    throw new EngineError(
      'params_invalid',
      `Params of task ${task.name} do not fit its schema:\n${z.prettifyError(parsed.error)}`,
      {
        cause: parsed.error,
      },
    );
  const encoded = encodeCanonical(parsed.data, `params of task ${task.name}`);
  if (!isSameRecord(parsed.data, given) && encoded !== encodeMaybe(given))
    assertStable(task, { encoded, data: parsed.data });
  return parsed.data;
}

/** True when the fields are the same values; nested ones, which a schema copies, are left to the encoding. */
function isSameRecord(parsed: Params, given: unknown): boolean {
  if (parsed === given) return true;
  if (typeof given !== 'object' || given === null) return false;
  let count = 0;
  for (const name in parsed) {
    if (!Object.hasOwn(given, name) || parsed[name] !== (given as Params)[name]) return false;
    count++;
  }
  return count === Object.keys(given).length;
}

// Params travel as JSON and are parsed again elsewhere, so a schema that transforms must not transform twice.
function assertStable(task: HasParams<Params>, parsed: { readonly encoded: string; readonly data: Params }): void {
  const again = task.params.safeParse(parsed.data);
  if (!again.success || encodeMaybe(again.data) !== parsed.encoded)
    throw new EngineError(
      'task_invalid',
      `The params schema of task ${task.name} changes its own result when it parses it again. Params must be plain data: move the transformation into run.`,
    );
}

function encodeMaybe(value: unknown): string | undefined {
  try {
    return encodeCanonical(value);
  } catch {
    // What came in may be anything; what counts is what the schema made of it.
    return undefined;
  }
}
