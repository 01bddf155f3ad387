import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  binNumbers,
  type ChangeThresholds,
  checkFile,
  compareProfiles,
  defineContract,
  differenceOf,
  nearReference,
  number,
  type Profile,
  profileFile,
  type Reference,
  referenceOf,
  suggestContract,
  text,
  verdictOfChanges,
} from '#contracts';
import type { DuckdbPool } from '#store';
import { maybeDifference } from '../../../src/contracts/profile/reference-of.ts';
import { seeded } from '../../monitor/drift/random.ts';
import { inProcessDuckdb } from '../duckdb-in-process.ts';

let duckdb: DuckdbPool;
let folder: string;
beforeAll(async () => {
  duckdb = await inProcessDuckdb();
  folder = await mkdtemp(path.join(tmpdir(), 'weir-profile-drift-'));
});
afterAll(async () => {
  await duckdb.close();
  await rm(folder, { recursive: true, force: true });
});

const random = seeded(12);

async function written(columns: Readonly<Record<string, readonly unknown[]>>, name = 'data.csv'): Promise<string> {
  const file = path.join(folder, name);
  const rows = Object.values(columns)[0]?.map((_, row) =>
    Object.values(columns)
      .map((values) => values[row] ?? '')
      .join(','),
  );
  await writeFile(file, `${[Object.keys(columns).join(','), ...(rows ?? [])].join('\n')}\n`);
  return file;
}
const profiled = async (columns: Readonly<Record<string, readonly unknown[]>>): Promise<Profile> =>
  profileFile({ path: await written(columns), duckdb });
const times = (count: number, value: unknown): readonly unknown[] => new Array(count).fill(value);
const kinds = (reference: Profile, current: Profile) =>
  compareProfiles(reference, current).map(({ column, kind }) => `${column} ${kind}`);

/** Columns as files have them, drawn again at each call. */
function columns(count: number): Readonly<Record<string, readonly unknown[]>> {
  const each = (draw: (row: number) => unknown) => Array.from({ length: count }, (_, row) => draw(row));
  const letters = 'abcdefghijklmno';
  return {
    row: each((row) => row),
    survived: each(() => Number(random() < 0.38)),
    siblings: each(() => Math.floor(-1.1 * Math.log(1 - random()))),
    age: each(() => (random() < 0.2 ? undefined : Math.round(80 * random() ** 1.5))),
    fare: each(() => (random() < 0.1 ? 0 : (-30 * Math.log(1 - random())).toFixed(2))),
    noise: each(() => random()),
    always: each(() => 7),
    alive: each(() => random() < 0.5),
    letter: each(() => letters[Math.floor(15 * random())]),
    town: each(() => `town ${Math.floor(200 ** random())}`),
    name: each(() => `name ${random()}`),
    // Two hundred years of days: most stand a few times.
    day: each(() => new Date(86_400_000 * Math.floor(200 * random())).toISOString().slice(0, 10)),
  };
}

describe('a file compared with itself', () => {
  it('is distributed as its own reference says, to the last row', async () => {
    const file = await written(columns(3000));
    const profile = await profileFile({ path: file, duckdb });
    const references = profile.columns.flatMap((column) => {
      const reference = referenceOf(column, profile.rows);
      return reference === undefined ? [] : [{ column: column.name, reference }];
    });
    // Of names that all differ there is no reference.
    expect(references.map(({ column }) => column)).toEqual(Object.keys(columns(1)).filter((name) => name !== 'name'));
    const contract = {
      ...suggestContract(profile),
      expectations: references.map(({ column, reference }) => nearReference(column, { reference })),
    };
    const { result } = await checkFile({ path: file, contract, folder: path.join(folder, 'out'), duckdb });
    expect(result.violations).toEqual([]);
    for (const { column, reference } of references) expect(await indexIn(file, column, reference)).toBeLessThan(1e-9);
    expect(compareProfiles(profile, profile)).toEqual([]);
  });

  it('has a stability index of 0 for 62 zeros and 38 ones', async () => {
    const columns = { a: [...times(62, 0), ...times(38, 1)] };
    const { columns: found, rows } = await profiled(columns);
    const reference = referenceOf(found[0]!, rows)!;
    expect(reference).toEqual({ kind: 'number', rows: 100, edges: [0, 0, 1, 1], shares: [0.62, 0, 0.38] });
    expect(await indexIn(await written(columns), 'a', reference)).toBeLessThan(1e-12);
  });
});

/** What `nearReference` observes. */
async function indexIn(file: string, column: string, reference: Reference): Promise<number> {
  const sql = nearReference(column, { reference }).sql({
    table: `read_csv('${file}', header = true)`,
    typed: (name) => `"${name}"`,
    typedAs: (name) => `"${name}"`,
    raw: (name) => `"${name}"`,
    constant: () => undefined,
  });
  const [answer] = await duckdb.use((connection) => connection.all<{ observed: number }>(sql));
  return answer?.observed ?? Number.NaN;
}

describe('two files of one distribution', () => {
  it('differ in nothing, whatever their columns hold', async () => {
    for (const [m, n] of [
      [3000, 3000],
      [700, 60],
      [60, 700],
      [2000, 12_000],
    ] as const) {
      const [reference, current] = [await profiled(columns(m)), await profiled(columns(n))];
      const { row: _, ...known } = Object.fromEntries(reference.columns.map((column) => [column.name, column]));
      expect(
        kinds({ ...reference, columns: Object.values(known) }, current).filter((change) => change !== 'row added'),
      ).toEqual([]);
    }
  });

  it('have no drift in a column of fifteen equally frequent values', async () => {
    const draw = () => ({ a: Array.from({ length: 3000 }, () => `value ${Math.floor(15 * random())}`) });
    const [reference, current] = [await profiled(draw()), await profiled(draw())];
    expect(reference.columns[0]?.top).toHaveLength(15);
    expect(compareProfiles(reference, current)).toEqual([]);
  });
});

describe('a file of another distribution', () => {
  it('is found in a column of zeros and ones', async () => {
    const reference = await profiled({ a: [...times(1240, 0), ...times(760, 1)] });
    const current = await profiled({ a: [...times(200, 0), ...times(1800, 1)] });
    const [change] = compareProfiles(reference, current);
    expect(change?.sentence).toMatch(
      /^a is distributed differently: its mean was 0.38 and is 0.9 \(stability index 1\.4\)/,
    );
  });

  it('is found where only rare values and new ones make the difference', async () => {
    const common = times(900, 'usual');
    const rare = (name: string) => Array.from({ length: 300 }, (_, row) => `${name} ${row % 60}`);
    const reference = await profiled({ a: [...common, ...rare('old')] });
    const current = await profiled({ a: [...common, ...rare('new')] });
    expect(kinds(reference, current)).toEqual(['a distribution', 'a values']);
    expect(compareProfiles(reference, current)[1]?.sentence).toMatch(
      /^a has new values: (new \d+, ){4}new \d+ and 55 more$/,
    );
    const contract = defineContract({
      name: 'x',
      columns: { a: text() },
      expectations: [nearReference('a', { reference: referenceOf(reference.columns[0]!, reference.rows)! })],
    });
    const file = await written({ a: [...common, ...rare('new')] });
    const { result } = await checkFile({ path: file, contract, folder: path.join(folder, 'out'), duckdb });
    expect(result.violations.map(({ expectation }) => expectation)).toEqual(['near-reference']);
  });

  it('is found among more values than are listed', async () => {
    const town = (usual: number) => ({
      a: Array.from({ length: 6000 }, () => (random() < usual ? 'capital' : `town ${Math.floor(4000 * random())}`)),
    });
    const [reference, same, other] = [await profiled(town(0.3)), await profiled(town(0.3)), await profiled(town(0.6))];
    expect(reference.columns[0]!.top!.length).toBeLessThan(reference.columns[0]!.distinct);
    expect(compareProfiles(reference, same)).toEqual([]);
    expect(kinds(reference, other)).toEqual(['a distribution']);
  });

  it('names a value that no row of the reference has, where all others are common', async () => {
    const reference = await profiled({ a: [...times(50, 'x'), ...times(50, 'y')] });
    const current = await profiled({ a: [...times(50, 'x'), ...times(49, 'y'), 'z'] });
    expect(compareProfiles(reference, current).map(({ sentence }) => sentence)).toEqual(['a has new values: z']);
  });
});

describe('thresholds of a comparison', () => {
  const drawn = (usual: number, empty: number) =>
    profiled({
      a: Array.from({ length: 4000 }, (_, row) => (row / 4000 < usual ? 'x' : 'y')),
      b: Array.from({ length: 4000 }, (_, row) => (row / 4000 < empty ? '' : 'z')),
    });

  it('say from where on a change warns and fails', async () => {
    const [reference, current] = [await drawn(0.5, 0), await drawn(0.7, 0.2)];
    const severities = (thresholds: ChangeThresholds) =>
      compareProfiles(reference, current, thresholds).map(({ kind, severity }) => `${kind} ${severity}`);
    // The index of 50:50 against 70:30 is 0.2 ln(0.7/0.5) + 0.2 ln(0.5/0.3) = 0.17.
    expect(severities({})).toEqual(['nulls warn', 'distribution warn']);
    expect(severities({ indexFail: 0.16, nullsFail: 0.2 })).toEqual(['nulls fail', 'distribution fail']);
    expect(severities({ indexWarn: 0.18 })).toEqual(['nulls warn']);
    expect(severities({ nullsWarn: 0.21 })).toEqual(['distribution warn']);
    expect(severities({ indexWarn: 0.3, nullsWarn: 0.3 })).toEqual([]);
  });

  it('are refused below 0, and where they fail before they warn', async () => {
    const profile = await drawn(0.5, 0);
    const compared = (thresholds: ChangeThresholds) => () => compareProfiles(profile, profile, thresholds);
    expect(compared({ indexWarn: -1 })).toThrow('Expected indexWarn of at least 0 and indexFail of at least indexWarn');
    expect(compared({ nullsWarn: 0.5, nullsFail: 0.4 })).toThrow('got 0.5 and 0.4');
    expect(compared({ indexFail: Number.NaN })).toThrow('got 0.1 and NaN');
    expect(compared({ indexWarn: 2 })).not.toThrow();
  });

  it('give a verdict: fail for what is gone or of another kind, warn for what is new', async () => {
    const [one, both] = [await profiled({ a: [1, 2, 3] }), await profiled({ a: [1, 2, 3], b: ['x', 'y', 'z'] })];
    const texts = await profiled({ a: ['p', 'q', 'r'] });
    expect(verdictOfChanges(compareProfiles(one, one))).toBe('pass');
    expect(verdictOfChanges(compareProfiles(one, both))).toBe('warn');
    expect(verdictOfChanges(compareProfiles(both, one))).toBe('fail');
    expect(verdictOfChanges(compareProfiles(one, texts))).toBe('fail');
  });
});

describe('a comparison of two profiles', () => {
  it('has the index that drift computes from all values: exactly where values repeat, within a twentieth elsewhere', async () => {
    const draws: Readonly<Record<string, (shift: number) => number>> = {
      discrete: (shift) => Math.floor(6 * random() ** (1 + shift)),
      skewed: (shift) => (random() < 0.4 ? 0 : Math.round(-50 * (1 + shift) * Math.log(1 - random()))),
      continuous: (shift) => random() + shift * random(),
      'many-valued': (shift) => Math.floor(3000 * random() ** (1 + shift)),
    };
    for (const shift of [0, 0.3, 1]) {
      const [then, now] = [0, shift].map((by) =>
        Object.fromEntries(
          Object.entries(draws).map(([name, draw]) => [name, Array.from({ length: 4000 }, () => draw(by))]),
        ),
      );
      const [reference, current] = [await profiled(then!), await profiled(now!)];
      for (const [at, { name }] of reference.columns.entries()) {
        const [before, after] = [then![name]!, now![name]!].map((values) => Float64Array.from(values).sort());
        const exact = differenceOf(binNumbers({ reference: before!, current: after! })).stabilityIndex;
        const sides = [reference, current].map(({ columns, rows }) => [columns[at]!, rows] as const);
        const found = maybeDifference(sides[0]!, sides[1]!)!.stabilityIndex;
        expect(Math.abs(found - exact), `${name}, ${shift}`).toBeLessThan(
          name === 'discrete' ? 1e-12 : 0.005 + exact / 20,
        );
      }
    }
  });
});

describe('a profile that an earlier version wrote', () => {
  it('is refused with a sentence, as a whole and by column', async () => {
    const profile = await profiled({ a: [1, 2, 3] });
    const { version: _, ...before } = profile;
    const { bins: __, ...numbers } = profile.columns[0]!.numbers!;
    // What stands in a file need not be what the types say.
    const old = JSON.parse(JSON.stringify({ ...before, columns: [{ ...profile.columns[0], numbers }] })) as Profile;
    const sentence = /data\.csv was made by an earlier version of Weir .* Profile the file again\./;
    expect(() => compareProfiles(old, profile)).toThrow(sentence);
    expect(() => compareProfiles(profile, old)).toThrow(sentence);
    expect(() => referenceOf(old.columns[0]!, 3)).toThrow(/column a was made by an earlier version/);
    expect(compareProfiles(JSON.parse(JSON.stringify(profile)) as Profile, profile)).toEqual([]);
  });

  it('leaves references of earlier versions as they were', () => {
    const reference = { kind: 'number', rows: 90, edges: [0, 10, 20], shares: [0.5, 0.5] } as const;
    expect(() =>
      defineContract({ name: 'x', columns: { a: number() }, expectations: [nearReference('a', { reference })] }),
    ).not.toThrow();
    for (const [broken, words] of [
      [{ ...reference, rows: 0 }, 'rows above 0'],
      [{ ...reference, shares: [0.5, 0.6] }, 'shares of 1 together'],
      [{ ...reference, edges: [0, 20] }, 'one edge more than shares'],
      [{ ...reference, edges: [20, 10, 0] }, 'ascending order'],
      [{ kind: 'number', rows: 9, edges: [0, 1], shares: [1] }, 'two bins or more'],
      [{ kind: 'category', rows: 9, shares: {} }, 'shares of 1 together'],
    ] as const) {
      expect(() => nearReference('a', { reference: broken })).toThrow(words);
    }
  });
});
