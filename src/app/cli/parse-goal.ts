import type { Goal, Json, Params } from '#engine';
import { UsageError } from '../project/errors.ts';

/** Parses a goal such as `fit-model(seed=1, kind="knn")`, or a task name with separate params. */
export function parseGoal(text: string, params?: string | Params): Goal {
  const found = /^([a-z0-9-]+)\s*(?:\((.*)\))?$/s.exec(text.trim());
  const [, task, inside] = found ?? [];
  if (task === undefined) throw refused(text);
  if (params === undefined) return { task, params: parsePairs(inside ?? '', text) };
  if (inside !== undefined && inside.trim() !== '')
    throw new UsageError(
      'goal_invalid',
      `Expected params in the goal or with --params; got both, in ${text} and ${typeof params === 'string' ? params : JSON.stringify(params)}.`,
    );
  return { task, params: typeof params === 'string' ? parseParams(params) : params };
}

/** Reads params as one JSON object. */
export function parseParams(text: string): Params {
  try {
    const parsed: unknown = JSON.parse(text);
    // JSON made it, so every value in it is JSON.
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Params;
  } catch (cause) {
    throw new UsageError('goal_invalid', `Expected params as one JSON object, such as {"seed":1}; got ${text}.`, {
      cause,
    });
  }
  throw new UsageError('goal_invalid', `Expected params as one JSON object, such as {"seed":1}; got ${text}.`);
}

function parsePairs(text: string, goal: string): Params {
  const params: [string, Json][] = [];
  for (const pair of splitAtCommas(text)) {
    const at = pair.indexOf('=');
    const name = pair.slice(0, at).trim();
    if (at < 1 || name === '') throw refused(goal);
    params.push([name, parseValue(pair.slice(at + 1).trim())]);
  }
  return Object.fromEntries(params);
}

/** A value that is no JSON is text, because a shell removes quotes. */
export function parseValue(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

/** Commas inside quotes and brackets belong to a value. */
function splitAtCommas(text: string): readonly string[] {
  const pairs: string[] = [];
  let depth = 0;
  let isQuoted = false;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (isQuoted && character === '\\') at++;
    else if (character === '"') isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth--;
    else if (character === ',' && depth === 0) {
      pairs.push(text.slice(from, at));
      from = at + 1;
    }
  }
  pairs.push(text.slice(from));
  return pairs.filter((pair) => pair.trim() !== '');
}

const refused = (text: string): UsageError =>
  new UsageError(
    'goal_invalid',
    `Expected a goal such as fit-model(seed=1), or a task name with --params '{"seed":1}'; got ${JSON.stringify(text)}.`,
  );
