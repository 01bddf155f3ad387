import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { GOALS_PIPELINE, type Json, type Params } from '#engine';
import { UsageError } from '../../../project/errors.ts';
import { parseGoal, parseParams, parseValue } from '../../parse-goal.ts';
import type { PipelineRequest } from '../../run-request.ts';

/** Params as flags give them. */
export interface ParamFlags {
  /** One JSON object, or `@` and the file that holds it. */
  readonly params?: string | undefined;
  /** Single ones, `name=value`; they go before those of `params`. */
  readonly param?: readonly string[] | undefined;
}

/** What `weir run` is asked for: one pipeline by its name, or goals, which are written with parentheses. */
export async function parseRequest(asked: readonly string[], flags: ParamFlags): Promise<PipelineRequest> {
  const given = await readParams(flags);
  const isGoal = (text: string): boolean => text.includes('(');
  const [first = ''] = asked;
  if (!asked.some(isGoal)) {
    if (asked.length === 1) return { pipeline: first, params: given ?? {} };
    throw new UsageError(
      'usage_invalid',
      `Expected one pipeline, or goals such as 'fit-model(seed=1)'; got ${asked.join(', ')}. Goals are written with parentheses, also without params.`,
    );
  }
  const name = asked.find((text) => !isGoal(text));
  if (name !== undefined)
    throw new UsageError(
      'usage_invalid',
      `Expected goals alone, with parentheses, or one pipeline; got ${name} beside goals.`,
    );
  if (given !== undefined && asked.length > 1)
    throw new UsageError(
      'usage_invalid',
      'Expected params inside the parentheses of each goal, because there are several; got them beside.',
    );
  const goals = asked.map((text) => parseGoal(text, given));
  // Goals are JSON.
  return { pipeline: GOALS_PIPELINE, params: { goals: goals as unknown as Json } };
}

async function readParams({ params, param = [] }: ParamFlags): Promise<Params | undefined> {
  if (params === undefined && param.length === 0) return undefined;
  const whole =
    params === undefined ? {} : parseParams(params.startsWith('@') ? await textOf(params.slice(1)) : params);
  const single: [string, Json][] = param.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1)
      throw new UsageError('usage_invalid', `Expected a param such as --param seed=1; got ${JSON.stringify(pair)}.`);
    return [pair.slice(0, at).trim(), parseValue(pair.slice(at + 1).trim())];
  });
  const names = single.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new UsageError(
      'usage_invalid',
      `Expected each param once; got ${twice} twice. A list is one value: --param ${twice}='["a","b"]'`,
    );
  return Object.fromEntries([...Object.entries(whole), ...single]);
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new UsageError('usage_invalid', `Expected params in the file ${path.resolve(file)}, which cannot be read.`, {
      cause,
    });
  }
}
