import type { SearchSpace } from './neighbours.ts';

/** Rows of a block of the kernel. */
export const BLOCK_ROWS = 16;
/** Boxes that the kernel measures at once. */
export const BOXES_AT_ONCE = 4;

/**
 * The numbers of the rows in an order in which each sixteen are near to each other, as the leaves of a k-d tree: the
 * rows are halved at the column in which they lie farthest apart, until sixteen are left (Friedman, Bentley and Finkel
 * 1977). It takes about three comparisons of each row for each halving.
 */
export function nearbyOrder(space: SearchSpace): Int32Array {
  const order = Int32Array.from({ length: space.rowCount }, (_, row) => row);
  const halve = (start: number, end: number): void => {
    const count = end - start;
    if (count <= BLOCK_ROWS) {
      order.subarray(start, end).sort();
      return;
    }
    // Whole blocks on the left, so that only the last block has fewer rows.
    const middle = start + Math.ceil(count / BLOCK_ROWS / 2) * BLOCK_ROWS;
    select(space, { order, start, end, middle, column: widestColumn(space, order.subarray(start, end)) });
    halve(start, middle);
    halve(middle, end);
  };
  halve(0, space.rowCount);
  return order;
}

/** Rows that are looked at to choose a column; more only take longer. */
const SAMPLED_ROWS = 256;

function widestColumn({ rows, width }: SearchSpace, order: Int32Array): number {
  const low = new Float64Array(width).fill(Infinity);
  const high = new Float64Array(width).fill(-Infinity);
  const stride = Math.ceil(order.length / SAMPLED_ROWS);
  for (let place = 0; place < order.length; place += stride) {
    for (let column = 0, at = order[place]! * width; column < width; column += 1, at += 1) {
      const value = rows[at]!;
      if (value < low[column]!) low[column] = value;
      if (value > high[column]!) high[column] = value;
    }
  }
  let widest = 0;
  for (let column = 1; column < width; column += 1) {
    if (high[column]! - low[column]! > high[widest]! - low[widest]!) widest = column;
  }
  return widest;
}

interface Selection {
  readonly order: Int32Array;
  readonly start: number;
  readonly end: number;
  readonly middle: number;
  readonly column: number;
}

/** Moves the rows with the least values before `middle`, of equal ones those with the lower numbers (Hoare's selection). */
function select({ rows, width }: SearchSpace, { order, start, end, middle, column }: Selection): void {
  const valueAt = (place: number): number => rows[order[place]! * width + column]!;
  let [left, right] = [start, end - 1];
  while (left < right) {
    const pivot = (left + right) >> 1;
    const [value, number] = [valueAt(pivot), order[pivot]!];
    const isBefore = (place: number): boolean => {
      const other = valueAt(place);
      return other < value || (other === value && order[place]! < number);
    };
    const isAfter = (place: number): boolean => {
      const other = valueAt(place);
      return other > value || (other === value && order[place]! > number);
    };
    let [up, down] = [left, right];
    while (up <= down) {
      while (isBefore(up)) up += 1;
      while (isAfter(down)) down -= 1;
      if (up > down) break;
      [order[up], order[down]] = [order[down]!, order[up]!];
      up += 1;
      down -= 1;
    }
    if (middle <= down) right = down;
    else if (middle >= up) left = up;
    else return;
  }
}

/** Blocks of sixteen rows, inside a block column by column, so that four rows load at once. */
export function writeBlocks({ rows, width }: SearchSpace, order: Int32Array, blocks: Float32Array): void {
  blocks.fill(Infinity);
  order.forEach((row, place) => {
    const block = Math.floor(place / BLOCK_ROWS) * width * BLOCK_ROWS + (place % BLOCK_ROWS);
    for (let column = 0; column < width; column += 1) {
      blocks[block + column * BLOCK_ROWS] = rows[row * width + column]!;
    }
  });
}

/** The least and the greatest value of each column in each block: four blocks together, so that they load at once. */
export function writeBoxes({ rows, width }: SearchSpace, order: Int32Array, boxes: Float32Array): void {
  const stride = 2 * BOXES_AT_ONCE;
  for (let at = 0; at < boxes.length; at += 1) boxes[at] = at % stride < BOXES_AT_ONCE ? Infinity : -Infinity;
  order.forEach((row, place) => {
    const block = Math.floor(place / BLOCK_ROWS);
    const box = Math.floor(block / BOXES_AT_ONCE) * width * stride + (block % BOXES_AT_ONCE);
    for (let column = 0; column < width; column += 1) {
      const [low, high] = [box + column * stride, box + column * stride + BOXES_AT_ONCE];
      const value = rows[row * width + column]!;
      if (value < boxes[low]!) boxes[low] = value;
      if (value > boxes[high]!) boxes[high] = value;
    }
  });
}
