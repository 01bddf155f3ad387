const MEMORY = 10;
const ARMIJO = 1e-4;
const STEP_MIN = 1e-12;
const CURVATURE_MIN = 1e-10;

/** Returns the value at `point` and writes the gradient into `gradient`. */
export type Objective = (point: Float64Array, gradient: Float64Array) => number;

export interface MinimiseOptions {
  readonly size: number;
  readonly iterationsMax: number;
  /** Stops when no component of the gradient is larger. */
  readonly gradientMax: number;
}

export interface Minimum {
  readonly point: Float64Array;
  readonly value: number;
  readonly iterations: number;
}

/**
 * Minimises a smooth convex function from the origin: limited-memory BFGS with a backtracking line search
 * (J. Nocedal, "Updating quasi-Newton matrices with limited storage", Mathematics of Computation 35, 1980).
 */
export function minimise(objective: Objective, { size, iterationsMax, gradientMax }: MinimiseOptions): Minimum {
  let point = new Float64Array(size);
  let gradient = new Float64Array(size);
  let value = objective(point, gradient);
  const history: Correction[] = [];
  let iterations = 0;
  for (; iterations < iterationsMax && largest(gradient) > gradientMax; iterations += 1) {
    const direction = descentOf(gradient, history);
    const next = search(objective, { point, gradient, value, direction });
    if (next === undefined) break;
    const correction = correctionOf({ point, gradient }, next);
    if (correction !== undefined) history.push(correction);
    if (history.length > MEMORY) history.shift();
    ({ point, gradient, value } = next);
  }
  return { point, value, iterations };
}

interface Place {
  readonly point: Float64Array<ArrayBuffer>;
  readonly gradient: Float64Array<ArrayBuffer>;
  readonly value: number;
}

interface Correction {
  readonly step: Float64Array;
  readonly change: Float64Array;
  readonly curvature: number;
}

function correctionOf(before: Omit<Place, 'value'>, after: Place): Correction | undefined {
  const step = after.point.map((value, index) => value - before.point[index]!);
  const change = after.gradient.map((value, index) => value - before.gradient[index]!);
  const curvature = dot(step, change);
  return curvature > CURVATURE_MIN * dot(change, change) ? { step, change, curvature } : undefined;
}

/** The two-loop recursion: the gradient times what is known of the inverse curvature. */
function descentOf(gradient: Float64Array, history: readonly Correction[]): Float64Array {
  const direction = gradient.slice();
  const factors = new Float64Array(history.length);
  for (let index = history.length - 1; index >= 0; index -= 1) {
    const { step, change, curvature } = history[index]!;
    factors[index] = dot(step, direction) / curvature;
    add(direction, { factor: -factors[index]!, to: change });
  }
  const newest = history.at(-1);
  const scale =
    newest === undefined
      ? 1 / Math.sqrt(dot(gradient, gradient))
      : newest.curvature / dot(newest.change, newest.change);
  for (let index = 0; index < direction.length; index += 1) direction[index] = direction[index]! * scale;
  history.forEach(({ step, change, curvature }, index) => {
    add(direction, { factor: factors[index]! - dot(change, direction) / curvature, to: step });
  });
  return direction;
}

/** Halves the step until the value decreases enough; undefined when no step does, which is the numerical minimum. */
function search(objective: Objective, from: Place & { readonly direction: Float64Array }): Place | undefined {
  const slope = -dot(from.gradient, from.direction);
  if (!(slope < 0) || !Number.isFinite(slope)) return undefined;
  const gradient = new Float64Array(from.point.length);
  for (let length = 1; length > STEP_MIN; length /= 2) {
    const point = from.point.map((value, index) => value - length * from.direction[index]!);
    const value = objective(point, gradient);
    if (value <= from.value + ARMIJO * length * slope) return { point, gradient, value };
  }
  return undefined;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index += 1) sum += a[index]! * b[index]!;
  return sum;
}

function add(into: Float64Array, { factor, to }: { readonly factor: number; readonly to: Float64Array }): void {
  for (let index = 0; index < into.length; index += 1) into[index] = into[index]! + factor * to[index]!;
}

function largest(values: Float64Array): number {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most;
}
