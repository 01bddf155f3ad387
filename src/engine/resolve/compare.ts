import type { InputRecord } from '../define/artifact.ts';
import type { Params } from '../define/goal.ts';
import { encodeCanonical, explainKeys, maybeParam } from '../define/key.ts';
import type { Difference } from '../records/difference.ts';

/** The parts of a key, as far as they are known. */
export interface KnownKey {
  readonly task: string;
  readonly code: string;
  readonly params: Params;
  readonly inputs: { readonly [name: string]: Pick<InputRecord, 'digests'> };
}

/** The goal that makes an input now. */
export interface InputMaker {
  readonly goal: string;
  readonly label: string;
}

export interface Comparison {
  readonly before: KnownKey;
  readonly after: KnownKey;
  /** By input name. */
  readonly makers: ReadonlyMap<string, InputMaker>;
  /** Inputs that must be computed first, so their digests are not known. */
  readonly pending: ReadonlySet<string>;
}

/** Why two keys of one task differ, one difference for each param, the code and each input; empty when nothing known differs. */
export function compareKeys({ before, after, makers, pending }: Comparison): readonly Difference[] {
  const differences = new Map<string, Difference>();
  const known = withoutInputs(before, pending);
  for (const { part, name, before: was, after: is } of explainKeys(toParts(known), toParts(after))) {
    if (part === 'task') continue;
    if (part === 'code') differences.set('code', { kind: 'code', before: before.code, after: after.code });
    else if (part === 'param')
      differences.set(`param ${name}`, {
        ...{ kind: 'param', name },
        ...(was === undefined ? {} : { before: was }),
        ...(is === undefined ? {} : { after: is }),
      });
    else {
      // Outputs differ one by one, but people know the input.
      const input = name.slice(0, name.lastIndexOf('.'));
      differences.set(`input ${input}`, inputDifference(input, { before, after, makers }));
    }
  }
  for (const name of pending) differences.set(`input ${name}`, inputDifference(name, { before, after, makers }));
  return [...differences.values()];
}

/** Of several results of one task, the one whose params differ least. */
export function nearestOf<T extends { readonly params: Params }>(params: Params, others: readonly T[]): T | undefined {
  let nearest: { readonly other: T; readonly distance: number } | undefined;
  for (const other of others) {
    const names = new Set([...Object.keys(params), ...Object.keys(other.params)]);
    const distance = [...names].filter(
      (name) => !isSame(maybeParam(params, name), maybeParam(other.params, name)),
    ).length;
    if (nearest === undefined || distance < nearest.distance) nearest = { other, distance };
  }
  return nearest?.other;
}

const isSame = (a: Params[string] | undefined, b: Params[string] | undefined): boolean =>
  a !== undefined && b !== undefined ? encodeCanonical(a) === encodeCanonical(b) : a === b;

function inputDifference(name: string, sides: Pick<Comparison, 'before' | 'after' | 'makers'>): Difference {
  const maker = sides.makers.get(name);
  const [before, after] = [sides.before, sides.after].map(({ inputs }) =>
    digestOfInput(Object.hasOwn(inputs, name) ? inputs[name] : undefined),
  );
  return {
    ...{ kind: 'input', name, before: before ?? null, after: after ?? null },
    ...{ goal: maker?.goal ?? null, label: maker?.label ?? null },
  };
}

/** One digest to show; of several outputs, the first. */
const digestOfInput = (input: Pick<InputRecord, 'digests'> | undefined): string | undefined =>
  input && (Object.values(input.digests)[0] ?? '');

const withoutInputs = (key: KnownKey, names: ReadonlySet<string>): KnownKey => ({
  ...key,
  inputs: Object.fromEntries(Object.entries(key.inputs).filter(([name]) => !names.has(name))),
});

const toParts = ({ task, code, params, inputs }: KnownKey) => ({
  ...{ task, code, params },
  inputs: Object.fromEntries(Object.entries(inputs).map(([name, { digests }]) => [name, digests])),
});
