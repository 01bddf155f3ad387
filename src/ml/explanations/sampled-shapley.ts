import type { Contributions, ExplainQuestion, Matrix, Model } from '../estimators/estimator.ts';
import { seededRandom } from '../evaluation/random.ts';

/** Fixed, so that a row has one explanation. */
const SEED = 1;
const BACKGROUND_MAX = 32;
/** With fewer rows of background, each is compared several times. */
const ORDERS_MIN = 16;

/**
 * Shapley values of any model, estimated from orders of its features: a row of the background becomes the explained row,
 * one feature after the other, and each adds by how much the output changes (Castro, Gómez and Tejada, "Polynomial
 * calculation of the Shapley value based on sampling", Computers & Operations Research 36, 2009). Each order is also taken
 * backwards, which makes the estimate better than twice as many orders (Mitchell, Cooper, Frank and Holmes, JMLR 23, 2022).
 * A row's contributions add up to its output, whatever the orders; with one or two features they are exact.
 */
export function sampledShapley(
  model: Pick<Model, 'label' | 'predict'>,
  { matrix, background, groups }: ExplainQuestion & { readonly matrix: Matrix },
): Contributions {
  const { label } = model;
  const width = matrix.columns.length;
  const answers = label.kind === 'regression' ? 1 : label.classes.length;
  const compared = firstRows(background, BACKGROUND_MAX);
  const ofRows = model.predict(matrix);
  const ofBackground = model.predict(compared);
  const orders = ordersOf(groups.length, compared.rowCount);
  const classes = new Int32Array(matrix.rowCount);
  const [outputs, bases] = [new Float64Array(matrix.rowCount), new Float64Array(matrix.rowCount)];
  const values = new Float64Array(matrix.rowCount * groups.length);
  for (let row = 0; row < matrix.rowCount; row += 1) {
    const given = matrix.values.subarray(row * width, (row + 1) * width);
    const explained = indexOfMost(ofRows.subarray(row * answers, (row + 1) * answers));
    const outputOf = (predicted: Float64Array, at: number): number => predicted[at * answers + explained]!;
    const output = outputOf(ofRows, row);
    const mixed = model.predict(mixedRows(given, { compared, orders, groups }));
    const steps = groups.length - 1;
    orders.forEach(({ groups: order, row: start }, index) => {
      let before = outputOf(ofBackground, start);
      bases[row]! += before / orders.length;
      order.forEach((group, step) => {
        const after = step === steps ? output : outputOf(mixed, index * steps + step);
        values[row * groups.length + group]! += (after - before) / orders.length;
        before = after;
      });
    });
    classes[row] = explained;
    outputs[row] = output;
  }
  const about = label.kind === 'regression' ? { of: 'number' as const } : { of: 'probability' as const, classes };
  return { ...about, outputs, bases, values, isExact: groups.length <= 2 };
}

/** In which order features change, and which row of the background they start from. */
interface Order {
  readonly groups: readonly number[];
  readonly row: number;
}

function ordersOf(groupCount: number, rowCount: number): readonly Order[] {
  const random = seededRandom(SEED);
  const rounds = Math.ceil(ORDERS_MIN / rowCount);
  return Array.from({ length: rounds * rowCount }, (_, index) => {
    const groups = permutation(groupCount, random);
    const row = index % rowCount;
    return [
      { groups, row },
      { groups: groups.toReversed(), row },
    ];
  }).flat();
}

/** Fisher and Yates. */
function permutation(count: number, random: () => number): readonly number[] {
  const order = Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}

interface Mixing extends Pick<ExplainQuestion, 'groups'> {
  readonly compared: Matrix;
  readonly orders: readonly Order[];
}

/** For each order the rows between that of the background and the explained one, without these two. */
function mixedRows(given: Float64Array, { compared, orders, groups }: Mixing): Matrix {
  const width = given.length;
  const steps = groups.length - 1;
  const values = new Float64Array(orders.length * steps * width);
  let at = 0;
  for (const order of orders) {
    const mixed = compared.values.slice(order.row * width, (order.row + 1) * width);
    for (const group of order.groups.slice(0, steps)) {
      for (const column of groups[group]!) mixed[column] = given[column]!;
      values.set(mixed, at);
      at += width;
    }
  }
  return { columns: compared.columns, rowCount: orders.length * steps, values };
}

function firstRows({ columns, rowCount, values }: Matrix, rowsMax: number): Matrix {
  const count = Math.min(rowCount, rowsMax);
  return { columns, rowCount: count, values: values.subarray(0, count * columns.length) };
}

function indexOfMost(answers: Float64Array): number {
  let most = 0;
  for (let index = 1; index < answers.length; index += 1) if (answers[index]! > answers[most]!) most = index;
  return most;
}
