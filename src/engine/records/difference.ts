import type { Json } from '../define/goal.ts';
import { shortDigest, withShortDigests } from '../define/short-digest.ts';
import { listChanges, type ValueChange } from './value-changes.ts';

/** One reason why no stored result is valid for a goal. */
export type Difference =
  /** No result of the goal is stored. `param` shows the difference to the nearest goal of its task that has one. */
  | { readonly kind: 'first' }
  | { readonly kind: 'param'; readonly name: string; readonly before?: Json; readonly after?: Json }
  | { readonly kind: 'code'; readonly before: string; readonly after: string | null }
  /**
   * An input that has other outputs, was added or was removed. `after` is null when it is not known before it is
   * computed.
   */
  | {
      readonly kind: 'input';
      readonly name: string;
      readonly before: string | null;
      readonly after: string | null;
      /** Identity of the goal that makes it, and the goal in readable form. */
      readonly goal: string | null;
      readonly label: string | null;
    }
  /** An output of an earlier result is missing or changed. */
  | { readonly kind: 'missing-output'; readonly output: string }
  /** A goal that an earlier result needed while it ran would have another outcome. */
  | { readonly kind: 'need'; readonly goal: string | null; readonly label: string }
  /** A result exists, but the run was asked to compute the goal again. */
  | { readonly kind: 'forced' }
  /** An earlier result under the same key no longer exists. */
  | { readonly kind: 'forgotten' }
  /** A run skipped it, or something that it needs, under its present key: it has no outputs. */
  | { readonly kind: 'skipped'; readonly reason: string }
  /** Not known, with the reason. */
  | { readonly kind: 'unknown'; readonly reason: string };

const VALUE_LENGTH_MAX = 60;
/** Of a param with many changes, these are named and the others counted. */
const CHANGES_MAX = 5;

/** A difference as a part of a sentence: "param estimator.settings.k 10 → 3". */
export function describeDifference(difference: Difference): string {
  switch (difference.kind) {
    case 'first':
      return 'no result of it is stored';
    case 'param':
      return describeParam(difference);
    case 'code':
      return `its code ${changed(shortCode(difference.before), shortCode(difference.after))}`;
    case 'input':
      return describeInput(difference);
    case 'missing-output':
      return `its output ${difference.output} is missing, or is not what was made`;
    case 'need':
      return `${difference.label}, which it needed while it ran, now has another outcome`;
    case 'forced':
      return 'the run was asked to compute it again (forced)';
    case 'forgotten':
      return 'its earlier result is no longer stored';
    case 'skipped':
    case 'unknown':
      return difference.reason;
    default:
      return difference satisfies never;
  }
}

/** Names the places in the value that changed, because most values of Weir's own tasks are records of many settings. */
function describeParam({ name, ...sides }: Extract<Difference, { kind: 'param' }>): string {
  const changes = listChanges(name, sides);
  const named = changes.slice(0, CHANGES_MAX).map(describeChange).join(', ');
  const more = changes.length - CHANGES_MAX;
  return `param ${named}${more > 0 ? ` and ${more} more` : ''}`;
}

function describeChange({ path, before, after }: ValueChange): string {
  if (before === undefined) return `${path} is new: ${toText(after)}`;
  return after === undefined
    ? `${path} is gone; it was ${toText(before)}`
    : `${path} ${toText(before)} → ${toText(after)}`;
}

function describeInput({ name, label, before, after }: Extract<Difference, { kind: 'input' }>): string {
  const input = `its input ${name}${label === null ? '' : ` (${label})`}`;
  if (before === null && after === null) return `${input} had no outputs, and may have some once it is computed`;
  if (before === null) return `${input} was not there before`;
  if (after === null && label === null) return `${input} no longer exists`;
  if (after === null) return `${input} may become another`;
  return `${input} ${changed(shortDigest(before), shortDigest(after))}`;
}

const changed = (before: string, after: string): string => `was ${before}, is ${after}`;

function shortCode(code: string | null): string {
  if (code === null) return 'another';
  const [kind = '', text = ''] = [code.slice(0, code.indexOf(':')), code.slice(code.indexOf(':') + 1)];
  return kind === 'code' ? shortDigest(text) : `${kind} ${text}`;
}

function toText(value: Json | undefined): string | undefined {
  if (value === undefined) return undefined;
  const text = withShortDigests(JSON.stringify(value));
  return text.length > VALUE_LENGTH_MAX ? `${text.slice(0, VALUE_LENGTH_MAX)}…` : text;
}
