import type { ColumnKind } from '../contract.ts';
import { isKernelKind, toKernelKind } from '../kernel/kernel-kind.ts';
import { maybeBits } from '../kernel/key-value.ts';
import type { CellTest } from '../kernel/plan.ts';
import { familyOf } from '../kinds/comparable.ts';
import { microsecondsOf } from '../kinds/moments.ts';
import { hasTextBounds } from '../kinds/text-bounds.ts';
import { cachedDfa } from '../patterns/cached-dfa.ts';
import { FORMS } from '../rules/forms.ts';
import type { CellRule } from '../rules/rule.ts';

/** A test of the kernel for cells of a column that is read as the kind; undefined where the kernel cannot decide it. */
export function maybeKernelTest(
  rule: CellRule,
  { kind, bit }: { readonly kind: ColumnKind; readonly bit: number },
): { readonly test: CellTest; readonly kind: ColumnKind } | undefined {
  if (rule.where !== undefined) return undefined;
  // The kind that is asked for need not be the one that the column is declared to have.
  const asked = rule.test === 'kind' ? rule.kind : kind;
  if (!isKernelKind(asked) && (rule.test === 'kind' || rule.test === 'set')) return undefined;
  const test = maybeTest(rule, { kind, bit });
  return test && { test, kind: toKernelKind(asked) };
}

function maybeTest(
  rule: CellRule,
  { kind, bit }: { readonly kind: ColumnKind; readonly bit: number },
): CellTest | undefined {
  switch (rule.test) {
    case 'present':
    case 'absent':
    case 'kind':
      return { bit, test: rule.test };
    case 'range':
      return familyOf(kind) === 'numbers' ? { bit, test: 'range', ...limitsOf(rule, rule) } : undefined;
    case 'moments':
      return familyOf(kind) === 'moments' ? maybeMoments(rule, bit) : undefined;
    case 'between':
      return maybeBetween(rule, { kind, bit });
    case 'length':
      return { bit, test: 'length', ...limitsOf(rule, {}) };
    case 'set':
      return rule.isNegated === true ? undefined : { bit, test: 'set', values: rule.values };
    case 'pattern':
      return maybePattern(rule.isNegated === true ? { without: rule.pattern } : { whole: rule.pattern }, bit);
    case 'form':
      return maybePattern(FORMS[rule.form], bit);
    case 'affix':
    case 'multiple':
    case 'digits':
    case 'json':
    case 'nested':
    case 'json-schema':
      return undefined;
    default:
      return rule satisfies never;
  }
}

/** Only where one automaton is enough, as a bit belongs to one test. */
function maybePattern(
  { whole, without }: { readonly whole?: string; readonly without?: string },
  bit: number,
): CellTest | undefined {
  if (whole !== undefined && without !== undefined) return undefined;
  const dfa = without === undefined ? cachedDfa(whole ?? '', 'whole') : cachedDfa(without, 'part');
  return dfa && { bit, test: 'pattern', dfa, ...(without === undefined ? {} : { isNegated: true }) };
}

interface Excluded {
  readonly excludesMin?: boolean;
  readonly excludesMax?: boolean;
}

function limitsOf<Bound>(
  { min, max }: { readonly min?: Bound | undefined; readonly max?: Bound | undefined },
  { excludesMin, excludesMax }: Excluded,
) {
  return {
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(excludesMin === true ? { excludesMin } : {}),
    ...(excludesMax === true ? { excludesMax } : {}),
  };
}

function maybeBetween(
  { min, max, ...excluded }: Excluded & { readonly min?: string; readonly max?: string },
  { kind, bit }: { readonly kind: ColumnKind; readonly bit: number },
): CellTest | undefined {
  if (!hasTextBounds(kind) || !isKernelKind(kind)) return undefined;
  const [least, most] = [min, max].map((bound) => (bound === undefined ? undefined : maybeBits(kind, bound)));
  // A bound that no cell can hold is none of the kernel's.
  if ((min !== undefined && least === undefined) || (max !== undefined && most === undefined)) return undefined;
  return { bit, test: 'between', ...limitsOf({ min: least, max: most }, excluded) };
}

function maybeMoments(
  rule: Excluded & { readonly min?: string; readonly max?: string },
  bit: number,
): CellTest | undefined {
  const [min, max] = [rule.min, rule.max].map((moment) => (moment === undefined ? undefined : microsecondsOf(moment)));
  // A double has not room for the microseconds of every moment.
  const isExact = [min, max].every((bound) => bound === undefined || BigInt(Number(bound)) === bound);
  const limits = { min: min === undefined ? undefined : Number(min), max: max === undefined ? undefined : Number(max) };
  return isExact ? { bit, test: 'range', ...limitsOf(limits, rule) } : undefined;
}
