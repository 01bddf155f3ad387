import type { LabelKind } from '../estimators/estimator.ts';
import { corrupt } from '../estimators/payload.ts';
import {
  assertSound,
  CATEGORICAL,
  type Link,
  NAN_LEFT,
  type TreeEnsemble,
  ZERO_IS_MISSING,
  ZERO_MAX,
} from '../trees/ensemble.ts';

/** What LightGBM calls its objectives, and what each does to the sum of the leaves. */
const LINKS: Readonly<Record<string, Link>> = {
  ...{ regression: 'identity', regression_l1: 'identity', huber: 'identity', fair: 'identity' },
  ...{ quantile: 'identity', mape: 'identity', lambdarank: 'identity', rank_xendcg: 'identity' },
  ...{ poisson: 'exponential', gamma: 'exponential', tweedie: 'exponential' },
  ...{ binary: 'sigmoid', multiclass: 'softmax' },
};

interface About {
  readonly label: LabelKind;
  readonly columns: readonly string[];
}

type Fields = ReadonlyMap<string, string>;

/**
 * The text of a model of LightGBM 4 as trees of ours. What it says of a split is brought into one form: which numbers are
 * missing, and where they go; and thresholds next to zero, because LightGBM reads all numbers up to 1e-35 as zero.
 */
export function readModelText(text: string, { label, columns }: About): TreeEnsemble {
  const [head = '', ...blocks] = text.split(/^Tree=\d+$/m);
  const header = fieldsOf(head);
  if (!head.startsWith('tree\n') || header.get('version') !== 'v4')
    throw corrupt(`it is no text of a model of LightGBM 4 (version ${header.get('version') ?? 'not given'})`);
  const found = Number(header.get('max_feature_idx')) + 1;
  if (found !== columns.length) throw corrupt(`its trees read ${found} columns, and ${columns.length} were expected`);
  const outputs = Number(header.get('num_tree_per_iteration'));
  const link = linkOf(header.get('objective') ?? '');
  const draft = createDraft();
  // Behind the last tree come importances and parameters.
  for (const block of blocks) addTree(draft, fieldsOf(block.split('end of trees')[0] ?? ''));
  // A forest answers with the mean of its trees.
  const share = header.has('average_output') ? outputs / Math.max(draft.roots.length, outputs) : 1;
  const trees: TreeEnsemble = {
    ...{ label, columns, link, outputs, bases: new Float64Array(outputs) },
    ...{ roots: Int32Array.from(draft.roots), columnOf: Int32Array.from(draft.columnOf) },
    ...{ thresholds: Float64Array.from(draft.thresholds), flags: Int32Array.from(draft.flags) },
    ...{ left: Int32Array.from(draft.left), right: Int32Array.from(draft.right) },
    ...{ splitCovers: Float64Array.from(draft.splitCovers), leafCovers: Float64Array.from(draft.leafCovers) },
    leaves: Float64Array.from(draft.leaves, (leaf) => leaf * share),
    ...{ setStarts: Int32Array.from(draft.setStarts), setWords: Int32Array.from(draft.setWords) },
  };
  assertSound(trees);
  return trees;
}

function linkOf(objective: string): Link {
  const [name = '', ...options] = objective.split(' ');
  const link = Object.hasOwn(LINKS, name) ? LINKS[name] : undefined;
  const sigmoid = options.find((option) => option.startsWith('sigmoid:')) ?? 'sigmoid:1';
  if (link === undefined || (link === 'sigmoid' && sigmoid !== 'sigmoid:1'))
    throw corrupt(`its objective "${objective}" is none of ${Object.keys(LINKS).join(', ')}`);
  return link === 'identity' && options.includes('sqrt') ? 'signed-square' : link;
}

function fieldsOf(block: string): Fields {
  const fields = new Map<string, string>();
  for (const line of block.split('\n')) {
    const at = line.indexOf('=');
    fields.set(at === -1 ? line : line.slice(0, at), at === -1 ? '' : line.slice(at + 1));
  }
  return fields;
}

const createDraft = () => ({
  ...{ roots: [] as number[], columnOf: [] as number[], thresholds: [] as number[], flags: [] as number[] },
  ...{ left: [] as number[], right: [] as number[], splitCovers: [] as number[], leafCovers: [] as number[] },
  ...{ leaves: [] as number[], setStarts: [0], setWords: [] as number[] },
});
type Draft = ReturnType<typeof createDraft>;

function addTree(draft: Draft, fields: Fields): void {
  const leafCount = Number(fields.get('num_leaves'));
  if (fields.get('is_linear') === '1') throw corrupt('its leaves are linear models, which are not read');
  const numbers = (name: string, count: number): readonly number[] => numbersIn(fields, { name, count });
  const [firstSplit, firstLeaf] = [draft.columnOf.length, draft.leaves.length];
  draft.leaves.push(...numbers('leaf_value', leafCount));
  draft.roots.push(leafCount === 1 ? ~firstLeaf : firstSplit);
  // A tree of one leaf has no counts: every row reaches it.
  if (leafCount === 1) {
    draft.leafCovers.push(1);
    return;
  }
  const splits = leafCount - 1;
  const toPlace = (place: number): number => (place < 0 ? ~(~place + firstLeaf) : place + firstSplit);
  draft.left.push(...numbers('left_child', splits).map(toPlace));
  draft.right.push(...numbers('right_child', splits).map(toPlace));
  draft.columnOf.push(...numbers('split_feature', splits));
  draft.splitCovers.push(...numbers('internal_count', splits));
  draft.leafCovers.push(...numbers('leaf_count', leafCount));
  const firstSet = draft.setStarts.length - 1;
  addSets(draft, { fields, count: Number(fields.get('num_cat')) });
  const decisions = numbers('decision_type', splits);
  numbers('threshold', splits).forEach((threshold, split) => {
    const { flags, bound } = splitOf(decisions[split]!, threshold);
    draft.flags.push(flags);
    draft.thresholds.push((flags & CATEGORICAL) === 0 ? bound : bound + firstSet);
  });
}

function addSets({ setStarts, setWords }: Draft, { fields, count }: { fields: Fields; count: number }): void {
  if (count === 0) return;
  const first = setStarts.pop() ?? 0;
  const starts = numbersIn(fields, { name: 'cat_boundaries', count: count + 1 });
  setStarts.push(...starts.map((start) => start + first));
  setWords.push(...numbersIn(fields, { name: 'cat_threshold', count: starts[count] ?? 0 }));
}

function numbersIn(fields: Fields, { name, count }: { readonly name: string; readonly count: number }) {
  const texts = (fields.get(name) ?? '').split(' ').filter((text) => text !== '');
  if (texts.length !== count)
    throw corrupt(`a tree has ${texts.length} numbers as ${name}, and ${count} were expected`);
  return texts.map(toNumber);
}

/** A split of numbers from what is missing has no end. */
function toNumber(text: string): number {
  if (text === 'inf') return Number.POSITIVE_INFINITY;
  return text === '-inf' ? Number.NEGATIVE_INFINITY : Number(text);
}

const CATEGORICAL_BIT = 1;
const DEFAULT_LEFT_BIT = 2;
/** The next two bits: 0 when nothing is missing, 1 when zero is, 2 when NaN is. */
const MISSING_SHIFT = 2;

function splitOf(decision: number, threshold: number): { readonly flags: number; readonly bound: number } {
  // LightGBM sends what is missing, as every code outside of the set, to the right.
  if ((decision & CATEGORICAL_BIT) !== 0) return { flags: CATEGORICAL, bound: threshold };
  const bound = boundOf(threshold);
  const missing = decision >> MISSING_SHIFT;
  const isZeroLeft = bound >= 0;
  // Where nothing was missing in training, NaN counts as zero.
  const isMissingLeft = missing === 0 ? isZeroLeft : (decision & DEFAULT_LEFT_BIT) !== 0;
  const isZeroMissing = missing === 1 && isMissingLeft !== isZeroLeft;
  return { flags: (isMissingLeft ? NAN_LEFT : 0) | (isZeroMissing ? ZERO_IS_MISSING : 0), bound };
}

/** All numbers within `ZERO_MAX` are zero, so a threshold among them separates zero from what is beyond. */
function boundOf(threshold: number): number {
  if (threshold > ZERO_MAX || threshold < -ZERO_MAX) return threshold;
  return threshold >= 0 ? ZERO_MAX : BELOW_ZERO;
}

/** The greatest number below all that count as zero. */
const BELOW_ZERO = below(-ZERO_MAX);

function below(negative: number): number {
  const bits = new BigInt64Array(new Float64Array([negative]).buffer);
  bits[0]! += 1n;
  return new Float64Array(bits.buffer)[0]!;
}
