import type { z } from 'zod';
import { isSameName, maybeNearestName } from '#store';
import { knownKeys, listSettings, maybeSchemaAt, typeOf } from './list-settings.ts';

/** What is wrong with a setting, and at which path. */
export interface SettingProblem {
  readonly path: readonly PropertyKey[];
  readonly problem: string;
  /** The path of the setting that was meant. */
  readonly nearest?: string | undefined;
}

type Issue = z.core.$ZodIssue;

/** In words, one for each setting that is wrong. */
export function problemsOf(issue: Issue): readonly SettingProblem[] {
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownSetting([...issue.path, key]));
    case 'invalid_union':
      return problemsOfUnion(issue);
    case 'too_small':
    case 'too_big':
      return [{ path: issue.path, problem: outOfRange(issue) }];
    default:
      return [{ path: issue.path, problem: issue.message }];
  }
}

/** With both ends of the range: who lowers a number that is too high must know how far. */
function outOfRange({ path, origin, message }: Extract<Issue, { code: 'too_small' | 'too_big' }>): string {
  const schema = maybeSchemaAt(path);
  const isNumber = origin === 'number' || origin === 'int';
  return schema === undefined || !isNumber ? message : `expected ${typeOf(schema)}`;
}

/** Those of the variant that was meant, which is one whose problems are within it; else what may stand there. */
function problemsOfUnion({
  path,
  errors,
  message,
}: Extract<Issue, { code: 'invalid_union' }>): readonly SettingProblem[] {
  const meant = errors.find((issues) =>
    issues.every((issue) => issue.code === 'unrecognized_keys' || issue.path.length > 0),
  );
  if (meant !== undefined)
    // A variant's paths begin at the union, whose own path stands before them.
    return meant.flatMap((issue) => problemsOf({ ...issue, path: [...path, ...issue.path] }));
  const schema = maybeSchemaAt(path);
  return [{ path, problem: schema === undefined ? message : `Invalid input: expected ${typeOf(schema)}` }];
}

function unknownSetting(path: readonly PropertyKey[]): SettingProblem {
  const within = path.slice(0, -1);
  const known = knownKeys(maybeSchemaAt(within) ?? {});
  const nearest = maybeNearest(path.map(String), known);
  return { path, problem: `unknown setting; known here: ${known.join(', ')}`, nearest };
}

/** The setting that is written in another way, or a key beside it that is written nearly so, or one of another section. */
function maybeNearest(path: readonly string[], known: readonly string[]): string | undefined {
  const everywhere = listSettings().flatMap(({ settings }) => settings.map((setting) => setting.path));
  const given = path.at(-1) ?? '';
  const key = maybeNearestName(given, known);
  return (
    everywhere.find((each) => isSameName(each, path.join('.'))) ??
    (key === undefined ? undefined : [...path.slice(0, -1), key].join('.')) ??
    everywhere.find((each) => isSameName(each.split('.').at(-1) ?? '', given)) ??
    maybeNearestName(path.join('.'), everywhere)
  );
}
