import { describe, expect, it } from 'vitest';
import {
  type GradientBoostingOptions,
  gradientBoosting,
  type LabelKind,
  type Labels,
  type Matrix,
  type Meeting,
} from '#ml';
import { seededRandom } from '../../../src/ml/evaluation/random.ts';
import { hasLightgbm, toolsForTests } from './lightgbm-for-tests.ts';
import { trainers } from './trainers.ts';

const PARTS = 3;
const COLUMNS = ['size', 'depth', 'kind'];
const NUMBER: LabelKind = { kind: 'regression' };

function rowsOf(rowCount: number): { readonly matrix: Matrix; readonly labels: Labels } {
  const random = seededRandom(8);
  const values = new Float64Array(rowCount * COLUMNS.length);
  const labels = new Float64Array(rowCount);
  for (let row = 0; row < rowCount; row += 1) {
    const [size, depth, kind] = [random() * 10, random() < 0.1 ? Number.NaN : random(), Math.floor(random() * 9)];
    values.set([size, depth, kind], row * COLUMNS.length);
    labels[row] = Math.sin(size) + (kind % 2) + random() / 10;
  }
  return { matrix: { columns: COLUMNS, coded: [2], rowCount, values }, labels: { label: NUMBER, values: labels } };
}

const all = rowsOf(3_000);

function deferred() {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** Every third row. */
function partOf(part: number): readonly [Matrix, Labels] {
  const own = Array.from({ length: all.matrix.rowCount / PARTS }, (_, at) => at * PARTS + part);
  const width = COLUMNS.length;
  const values = own.flatMap((row) => [...all.matrix.values.subarray(row * width, (row + 1) * width)]);
  return [
    { ...all.matrix, rowCount: own.length, values: Float64Array.from(values) },
    { label: NUMBER, values: Float64Array.from(own, (row) => all.labels.values[row]!) },
  ];
}

/** A place where all parts say where they are. */
function meetingPlace(secretOf: (rank: number) => string = () => 'ab'.repeat(32)) {
  const ports: number[] = [];
  const { promise, resolve } = deferred();
  return async (rank: number, port: number): Promise<Meeting> => {
    ports[rank] = port;
    if (Object.keys(ports).length === PARTS) resolve();
    await promise;
    const machines = ports.map((each) => ({ host: '127.0.0.1', port: each }));
    return { machines, rank, secret: secretOf(rank), waitMs: 2_000 };
  };
}

function trainParts(
  settings: Omit<GradientBoostingOptions, 'engine'>,
  { meet = meetingPlace(), log }: { meet?: ReturnType<typeof meetingPlace>; log?: (line: string) => void } = {},
) {
  return Array.from({ length: PARTS }, (_, rank) =>
    gradientBoosting({ engine: 'lightgbm', threads: 1, ...settings }).fit(
      ...partOf(rank),
      toolsForTests({
        together: { parts: PARTS, address: '127.0.0.1', meet: (port) => meet(rank, port) },
        ...(log === undefined ? {} : { log }),
      }),
    ),
  );
}

const errorOf = (model: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(model).then(
    () => undefined,
    (error: unknown) => error,
  );

function meanSquare(predicted: Float64Array): number {
  return predicted.reduce((sum, value, row) => sum + (value - all.labels.values[row]!) ** 2, 0) / predicted.length;
}

describe.skipIf(!hasLightgbm())('parts of a training', () => {
  it('end with the same model each, as good as that of all rows at one place', async () => {
    const models = await Promise.all(trainParts({ trees: 30 }));
    const [first, ...others] = models.map((model) => model.payload());
    for (const other of others) expect(other).toEqual(first);
    const again = await Promise.all(trainParts({ trees: 30 }));
    expect(again[0]?.payload()).toEqual(first);
    const whole = await gradientBoosting({ engine: 'lightgbm', trees: 30 }).fit(
      all.matrix,
      all.labels,
      toolsForTests(),
    );
    const own = await gradientBoosting({ engine: 'lightgbm', trees: 30 }).fit(...partOf(0), toolsForTests());
    const errors = {
      together: meanSquare(models[0]!.predict(all.matrix)),
      whole: meanSquare(whole.predict(all.matrix)),
    };
    expect(errors.together).toBeLessThan(errors.whole * 1.1);
    // Each part knows what the others know: alone it is worse.
    expect(errors.together).toBeLessThan(meanSquare(own.predict(all.matrix)));
  });

  it('fail together when one is killed in the middle', async () => {
    const training = deferred();
    const models = trainParts({ trees: 100_000 }, { log: () => training.resolve() });
    const errors = models.map(errorOf);
    await training.promise;
    const [victim] = trainers();
    process.kill(victim!, 'SIGKILL');
    for (const error of await Promise.all(errors)) expect(error).toMatchObject({ code: 'training_ended' });
    expect(trainers()).toEqual([]);
    const said = (await Promise.all(errors)).map(String).join('\n');
    expect(said).toMatch(/iterations \(SIGTERM\); it said: Part \d left the training\.$/m);
  });

  it('take nobody who does not know the secret', async () => {
    const meet = meetingPlace((rank) => (rank === 2 ? 'cd' : 'ab').repeat(32));
    const errors = await Promise.all(trainParts({ trees: 5 }, { meet }).map(errorOf));
    for (const error of errors) expect(error).toMatchObject({ code: 'training_ended' });
  });

  it('refuse what asks for all rows at one place', async () => {
    for (const settings of [{ earlyStopping: {} }, { classWeights: 'balanced' }] as const) {
      const errors = await Promise.all(trainParts(settings).map(errorOf));
      for (const error of errors) expect(error).toMatchObject({ code: 'training_impossible' });
    }
  });
});
