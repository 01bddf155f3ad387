/** A function that never falls: straight between points, flat beyond the first and the last. */
export interface IsotonicCurve {
  /** Rising. */
  readonly xs: readonly number[];
  readonly ys: readonly number[];
}

interface Block {
  first: number;
  last: number;
  sum: number;
  weight: number;
}

/**
 * The rising function with the least squared error to the points, by pooling neighbours that fall: R. E. Barlow,
 * D. J. Bartholomew, J. M. Bremner and H. D. Brunk, "Statistical Inference under Order Restrictions" (1972). Points with
 * the same x count as one of their mean; between two steps the function is a straight line, as scikit-learn has it.
 */
export function fitIsotonic(xs: ArrayLike<number>, ys: ArrayLike<number>): IsotonicCurve {
  const blocks: Block[] = [];
  for (const point of pointsOf(xs, ys)) {
    let block = point;
    for (let before = blocks.at(-1); before !== undefined && meanOf(before) >= meanOf(block); before = blocks.at(-1)) {
      blocks.pop();
      block = {
        ...{ first: before.first, last: block.last },
        ...{ sum: before.sum + block.sum, weight: before.weight + block.weight },
      };
    }
    blocks.push(block);
  }
  const ends = blocks.flatMap((block) => (block.first === block.last ? [block.first] : [block.first, block.last]));
  const values = blocks.flatMap((block) => new Array<number>(block.first === block.last ? 1 : 2).fill(meanOf(block)));
  return { xs: ends, ys: values };
}

const meanOf = ({ sum, weight }: Block): number => sum / weight;

/** One for each x, in order. */
function pointsOf(xs: ArrayLike<number>, ys: ArrayLike<number>): Block[] {
  const order = Int32Array.from({ length: xs.length }, (_, index) => index).sort((a, b) => xs[a]! - xs[b]! || a - b);
  const points: Block[] = [];
  for (const index of order) {
    const last = points.at(-1);
    if (last?.first === xs[index]!) {
      last.sum += ys[index]!;
      last.weight += 1;
    } else points.push({ first: xs[index]!, last: xs[index]!, sum: ys[index]!, weight: 1 });
  }
  return points;
}
