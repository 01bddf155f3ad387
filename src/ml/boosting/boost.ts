import { MlError } from '../errors.ts';
import type { Labels, Matrix } from '../estimators/estimator.ts';
import { seededRandom } from '../evaluation/random.ts';
import { HISTOGRAM_ROWS_MAX, type Histograms, plainHistograms } from '../kernels/histograms.ts';
import { maybeSimdHistograms } from '../kernels/simd-histograms.ts';
import type { TreeEnsemble } from '../trees/ensemble.ts';
import { cutColumns, writeBins } from './cut-bins.ts';
import { type GrownTree, growTree, leafOf } from './grow-tree.ts';
import { type Bounds, lossOf, type Scales } from './losses.ts';
import { toEnsemble } from './to-ensemble.ts';

export interface BoostSettings {
  readonly trees: number;
  readonly leaves: number;
  readonly learningRate: number;
  readonly l2: number;
  readonly leafRowsMin: number;
  readonly rowShare: number;
  readonly columnShare: number;
  readonly bins: number;
  readonly earlyStopping: false | { readonly validationShare: number; readonly patience: number };
  readonly seed: number;
}

interface BoostOptions {
  readonly settings: BoostSettings;
  /** A factor for each class; all count as one without. */
  readonly classWeights?: readonly number[] | undefined;
  readonly log?: ((line: string) => void) | undefined;
  /** What adds up histograms; the fastest there is unless set. */
  readonly histograms?: typeof plainHistograms | undefined;
}

const TOLD_EVERY = 100;

/**
 * Gradient boosting with histograms (Friedman, "Greedy function approximation", 2001; leaf by leaf as in Ke et al.,
 * "LightGBM", 2017). All sums are of whole numbers, so the same rows and settings give the same trees, bit for bit.
 */
export function boost(matrix: Matrix, labels: Labels, options: BoostOptions): TreeEnsemble {
  const { settings, classWeights, log } = options;
  const { rowCount, columns } = matrix;
  if (rowCount > HISTOGRAM_ROWS_MAX)
    throw new MlError(
      'training_impossible',
      `Expected at most ${HISTOGRAM_ROWS_MAX} rows to train on; got ${rowCount}. Train on fewer, or with engine: 'lightgbm'.`,
    );
  const loss = lossOf(labels, classWeights);
  const cut = cutColumns(matrix, { binsMax: settings.bins, seed: settings.seed });
  const histograms = histogramsFor(matrix, options);
  writeBins(matrix, cut, histograms.bins);
  histograms.sealBins();
  const random = seededRandom(settings.seed);
  const { training, validation } = partRows(rowCount, { settings, random });
  const bases = loss.bases(training);
  const scores = new Float64Array(rowCount * loss.outputs);
  for (let row = 0; row < rowCount; row += 1) scores.set(bases, row * loss.outputs);
  const trees: GrownTree[] = [];
  const stop = stopperOf(settings, validation.length > 0 ? () => loss.mean(validation, scores) : undefined);
  for (let done = 0; columns.length > 0 && done < settings.trees && !stop.isReached(done); done += 1) {
    const { rows, others } = drawRows(training, { share: settings.rowShare, random });
    // All trees of an iteration start from the same scores.
    const before = loss.outputs === 1 ? scores : scores.slice();
    const grown = Array.from({ length: loss.outputs }, (_, output) => {
      const scales = scalesOf(loss.bounds(rows, before), rows.length);
      loss.derive(rows, { scores: before, output, scales }, histograms.gradients);
      histograms.order.set(rows);
      histograms.sealGradients();
      const tree = growTree(histograms, cut, {
        ...{ gradientUnit: 1 / scales.gradient, curvatureUnit: 1 / scales.curvature },
        ...{ rowCount: rows.length, leavesMax: settings.leaves },
        ...{ l2: settings.l2, leafRowsMin: settings.leafRowsMin, learningRate: settings.learningRate },
        columns: drawColumns(columns.length, { share: settings.columnShare, random }),
      });
      const into = { scores, outputs: loss.outputs, output };
      addLeaves(tree, histograms, into);
      for (const each of [others, validation]) addByBins(tree, { bins: histograms.bins, rowCount, rows: each }, into);
      return tree;
    });
    trees.push(...grown);
    stop.note(done);
    if ((done + 1) % TOLD_EVERY === 0) log?.(`${done + 1} iterations`);
    if (grown.every(({ splits }) => splits.length === 0)) break;
  }
  const kept = stop.best ?? trees.length / loss.outputs;
  log?.(
    `${trees.length / loss.outputs} iterations${stop.best === undefined ? '' : `, of which the first ${kept} count`}`,
  );
  return toEnsemble(trees.slice(0, kept * loss.outputs), { label: labels.label, columns, cut, bases, loss });
}

/** Histograms for as many leaves as a tree may have; without the kernel where it is not there. */
function histogramsFor({ rowCount, columns }: Matrix, { settings, histograms }: BoostOptions): Histograms {
  const rows = { rowCount, width: columns.length };
  if (histograms !== undefined) return histograms(rows, settings.leaves);
  return maybeSimdHistograms(rows, settings.leaves) ?? plainHistograms(rows, settings.leaves);
}

/** The rows that are trained on and those that tell when to stop. The first row is trained on, so that there is one. */
function partRows(
  rowCount: number,
  { settings, random }: { readonly settings: BoostSettings; readonly random: () => number },
) {
  const { validationShare = 0 } = settings.earlyStopping || {};
  const isKept = Uint8Array.from({ length: rowCount }, (_, row) =>
    validationShare > 0 && random() < validationShare && row > 0 ? 1 : 0,
  );
  const all = Uint32Array.from({ length: rowCount }, (_, row) => row);
  return { training: all.filter((row) => isKept[row] === 0), validation: all.filter((row) => isKept[row] === 1) };
}

interface Drawing {
  readonly share: number;
  readonly random: () => number;
}

/** The rows that a tree is grown on, and the others; each row with the same chance, one at least. */
function drawRows(training: Uint32Array, { share, random }: Drawing) {
  if (share === 1) return { rows: training, others: new Uint32Array(0) };
  const isDrawn = new Map(Array.from(training, (row) => [row, random() < share]));
  const rows = training.filter((row) => isDrawn.get(row));
  if (rows.length === 0) return { rows: training.slice(0, 1), others: training.slice(1) };
  return { rows, others: training.filter((row) => !isDrawn.get(row)) };
}

/** The columns that a tree may split on, ascending: a share of all, one at least. */
function drawColumns(width: number, { share, random }: Drawing): readonly number[] {
  const columns = Array.from({ length: width }, (_, column) => column);
  if (share === 1) return columns;
  let wanted = Math.max(1, Math.round(share * width));
  return columns.filter((column) => {
    const isTaken = random() * (width - column) < wanted;
    if (isTaken) wanted -= 1;
    return isTaken;
  });
}

/** Sums of this many bits are exact, in double precision and beside the count in 64 bits. */
const GRADIENT_BITS = 52;
const CURVATURE_BITS = 38;

/** Powers of two that make derivatives whole numbers whose sums stay exact. */
function scalesOf({ gradient, curvature }: Bounds, rowCount: number): Scales {
  const rowBits = Math.ceil(Math.log2(rowCount + 1));
  return {
    gradient: powerOfTwo(GRADIENT_BITS - rowBits, gradient),
    curvature: powerOfTwo(CURVATURE_BITS - rowBits, curvature),
  };
}

/** The largest that brings numbers up to a bound to less than so many bits. */
function powerOfTwo(bits: number, bound: number): number {
  const exponent = bound === 0 ? 0 : Math.ceil(Math.log2(bound));
  return 2 ** Math.min(Math.max(bits - 1 - exponent, -1000), 1000);
}

interface ScoresOfOutput {
  readonly scores: Float64Array;
  readonly outputs: number;
  readonly output: number;
}

/** Adds what the leaves say to the rows that the tree was grown on. */
function addLeaves({ leaves }: GrownTree, { order }: Histograms, { scores, outputs, output }: ScoresOfOutput): void {
  for (const { from, to, value } of leaves)
    for (let at = from; at < to; at += 1) {
      const place = order[at]! * outputs + output;
      scores[place] = scores[place]! + value;
    }
}

interface RowsByBins {
  readonly bins: Uint8Array;
  readonly rowCount: number;
  readonly rows: Uint32Array;
}

/** The same for rows that it was not grown on. */
function addByBins(tree: GrownTree, { bins, rowCount, rows }: RowsByBins, into: ScoresOfOutput): void {
  const { scores, outputs, output } = into;
  for (const row of rows) {
    const place = row * outputs + output;
    scores[place] = scores[place]! + tree.leaves[leafOf(tree, { bins, rowCount }, row)]!.value;
  }
}

/** Watches the loss of the validation rows; without them nothing stops a training early. */
function stopperOf({ earlyStopping }: BoostSettings, measure: (() => number) | undefined) {
  let lowest = Number.POSITIVE_INFINITY;
  let best: number | undefined;
  return {
    /** How many iterations have the lowest loss. */
    get best() {
      return best;
    },
    note: (iteration: number): void => {
      if (measure === undefined) return;
      const loss = measure();
      if (!(loss < lowest)) return;
      lowest = loss;
      best = iteration + 1;
    },
    isReached: (done: number): boolean =>
      earlyStopping !== false && best !== undefined && done - best >= earlyStopping.patience,
  };
}
