import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type AnyTask, defineTask, EngineError, inlineExecutor, type PackageLock, rows, value } from '#engine';
import { encodeCanonical, makeGoalId, makeKey } from '../../../src/engine/define/key.ts';
import { createRegistry } from '../../../src/engine/define/registry.ts';
import { killsEverywhere } from '../../kills/choose-kills.ts';
import { programFile } from '../../programs/programs.ts';
import { type BuiltProject, createBuiltProject, type NamedTask, removeProject } from '../fixtures/built-project.ts';
import { generatedGoalIds } from '../fixtures/generated-goals.ts';
import { createTestEngine, createWorkbench, type TestEngine, type Workbench } from '../fixtures/workbench.ts';

const MILLION = 1_000_000;
/** Divides no period of the generated params. */
const STEP = 11;
/** What the identities of a million goals are, by the step between those that are looked at. */
const DIGESTS: ReadonlyMap<number, string> = new Map([
  [1, 'e04925a60452296187d2611533242d2159ea1267e4b187b3649f450d70a0d5bf'],
  [STEP, 'e005acf21a002065b0b2f63f3009e056c9b5383502cd12cb8f251feae60d5e48'],
]);

let bench: Workbench;
const open: TestEngine[] = [];
const projects: BuiltProject[] = [];
beforeAll(async () => {
  bench = await createWorkbench();
});
afterEach(async () => {
  for (const engine of open.splice(0)) await engine.close();
  for (const project of projects.splice(0)) await removeProject(project);
});
afterAll(() => bench.close());

/** An engine over tasks of the test, in this process. */
function engineOf(given: readonly unknown[]): TestEngine {
  // Each was made by defineTask; a list of tasks of several types has no type that fits.
  const tasks = given as readonly AnyTask[];
  const executor = inlineExecutor({ ...bench, tasks, folder: path.join(bench.folder, 'attempts') });
  const engine = createTestEngine(bench, { tasks, executor });
  open.push(engine);
  return engine;
}
async function projectOf(files: Readonly<Record<string, string>>): Promise<BuiltProject> {
  const project = await createBuiltProject(bench, randomUUID());
  projects.push(project);
  await project.write(files);
  return project;
}

describe('identity', () => {
  const idOf = (params: Record<string, never>): string => makeGoalId('fit-model', params);
  const unsafe = (params: object): Record<string, never> => params as never; // What a caller without types may pass.

  it('1. params that mean the same have one identity, those that do not have two, and the bytes are fixed', () => {
    const same: readonly (readonly [object, object])[] = [
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
      [{ a: 1 }, { a: 1.0 }],
      [{ a: 0 }, { a: -0 }],
      [{ a: 100 }, { a: 1e2 }],
      [{ deep: { a: 1, b: [{ c: 1, d: 2 }] } }, { deep: { b: [{ d: 2, c: 1 }], a: 1 } }],
    ];
    for (const [left, right] of same) expect(idOf(unsafe(left))).toBe(idOf(unsafe(right)));
    const different: readonly (readonly [object, object])[] = [
      [{ a: 1 }, { a: '1' }],
      [{ a: 'é' }, { a: 'e\u0301' }],
      [{ a: null }, {}],
      [{ a: [1, 2] }, { a: [2, 1] }],
      [{ a: true }, { a: 'true' }],
      [{ a: '2026-01-01' }, { a: '2026-01-01T00:00:00.000Z' }],
      [{ a: 9007199254740992 }, { a: '9007199254740993' }],
    ];
    for (const [left, right] of different) expect(idOf(unsafe(left))).not.toBe(idOf(unsafe(right)));
    const golden = { z: [null, true, -0, 1.5, 'é'], a: { '': 'ab', b: {} } };
    expect(encodeCanonical(golden)).toBe('{s1:a{s0:s2:abs1:b{}}s1:z[ztn0;n1.5;s1:é]}');
    expect(idOf(unsafe(golden))).toBe('2a17af21479b90d606e0c67742396a03d75f267904dcaba88cf04de849fa3d6f');
    expect(makeKey({ task: 'fit-model', code: 'version:1', params: unsafe(golden), inputs: {} })).toBe(
      'de56d9729be004c9cb6a9c86bc9f83c6d871956280e48baa9cba5a88835ea6f1',
    );
  });

  it.each([
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['undefined, which JSON drops', undefined],
    ['a Date, which JSON turns into text', new Date(0)],
    ['a BigInt', 1n],
    ['a Map, whose order means nothing', new Map([['a', 1]])],
    ['a Set', new Set([1])],
    ['an instance of a class', new (class Point {})()],
    ['half a character', '\ud83d'],
  ])('1. a param that would not be equal wherever it is read is refused, not changed: %s', (_, given) => {
    const task = defineTask({
      name: 'any-params',
      version: '1',
      params: z.object({ given: z.any() }),
      outputs: {},
      run: async () => ({}),
    });
    expect(() => task.goal({ given })).toThrow(EngineError);
    expect(() => task.goal({ given })).toThrow('params of task any-params.given');
  });

  it('2. a million generated goals have a million identities, of which each run but a full one sees every eleventh', () => {
    const step = killsEverywhere() ? 1 : STEP;
    const seen = new Set<string>();
    const sha = createHash('sha256');
    for (const id of generatedGoalIds(MILLION, step)) {
      seen.add(id);
      sha.update(id);
    }
    expect(seen.size).toBe(Math.ceil(MILLION / step));
    // The same on every machine and with every version of Node, or results would be computed again.
    expect(sha.digest('hex')).toBe(DIGESTS.get(step));
  });

  it('2. identities are the same in processes with other locales, time zones and heaps', async () => {
    const entry = programFile('print-goal-ids');
    const print = async (env: Readonly<Record<string, string>>, flags: readonly string[] = []): Promise<string> => {
      const args = [...flags, entry, '20000'];
      const { PATH = '' } = process.env;
      return (await promisify(execFile)(process.execPath, args, { env: { PATH, ...env } })).stdout;
    };
    const printed = await Promise.all([
      print({ TZ: 'UTC', LC_ALL: 'C' }),
      print({ TZ: 'Pacific/Kiritimati', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' }),
      print({ TZ: 'America/St_Johns', LC_ALL: 'de_DE.UTF-8', LANGUAGE: 'de' }, ['--stack-size=600']),
      print({ TZ: 'Asia/Kolkata', LC_ALL: 'ar_EG.UTF-8' }, ['--max-old-space-size=200', '--hash-seed=7']),
    ]);
    expect(new Set(printed)).toEqual(new Set(['cfb77b20a7406b407a60275555dce60deed072a43ab7bd1e01fde5b0b4e6e485']));
  });
});

const HEAD = `import { z } from 'zod';\nimport { defineTask, value } from 'weir';\n`;
const ONE_TASK = {
  'tasks.json': '{"default": ["tasks.ts"]}',
  'tasks.ts': `${HEAD}import { shout } from './text/shout.ts';
// What is shouted.
export const greet = defineTask({
  name: 'greet',
  params: z.object({ name: z.string() }),
  outputs: { text: value<string>() },
  run: async ({ params }) => {
    const greeting = shout('hello ' + params.name);
    return { text: greeting };
  },
});
`,
  'text/shout.ts': `import { mark } from './mark.ts';\nexport const shout = (text: string): string => mark(text.toUpperCase());\nexport const whisper = (text: string): string => text.toLowerCase();\n`,
  'text/mark.ts': `import { signs } from './signs.ts';\nexport const mark = (text: string): string => text + signs.end;\n`,
  'text/signs.ts': `export const signs = { end: '!' };\n`,
};

describe('code', () => {
  it.each<[string, string, (text: string) => string, string, string]>([
    ['a comment', 'tasks.ts', (text) => text.replace('// What is shouted.', '/** Something else. */'), 'cached', '!'],
    ['the layout', 'tasks.ts', (text) => text.replaceAll('\n  ', '\n\n\t'), 'cached', '!'],
    ['the name of a local', 'tasks.ts', (text) => text.replaceAll('greeting', 'words'), 'cached', '!'],
    ['another export of a file it reads', 'text/shout.ts', (text) => text.replace('toLower', 'toUpper'), 'cached', '!'],
    ['a helper three imports deep', 'text/signs.ts', (text) => text.replace("'!'", "'?'"), 'succeeded', '?'],
  ])('3. an edit of %s leads to a run only when it matters', async (_, file, change, state, end) => {
    const project = await projectOf(ONE_TASK);
    const name = randomUUID().toUpperCase();
    const ask = (task: (name: string) => NamedTask) => [task('greet').goal({ name })];
    expect(await project.run(ask)).toMatchObject({ states: { greet: 'succeeded' }, values: [`HELLO ${name}!`] });
    await project.edit(file, change);
    expect(await project.run(ask)).toMatchObject({ states: { greet: state }, values: [`HELLO ${name}${end}`] });
  });

  it('4. a package that is locked at another version makes only the tasks run again that reach it', async () => {
    const project = await projectOf({
      'tasks.json': '{"default": ["tasks.ts"]}',
      'tasks.ts': `${HEAD}import pad from 'padding';
export const padded = defineTask({ name: 'padded', params: z.object({}), outputs: { text: value<string>() }, run: async () => ({ text: pad('x') }) });
export const plain = defineTask({ name: 'plain', params: z.object({}), outputs: { text: value<string>() }, run: async () => ({ text: 'x' }) });
export const after = defineTask({ name: 'after', params: z.object({}), inputs: () => ({ padded: padded.goal({}) }), outputs: { text: value<string>() }, run: async ({ inputs }) => ({ text: inputs.padded.text + '.' }) });
`,
      'node_modules/padding/package.json': '{"name": "padding", "type": "module", "main": "index.js"}',
      'node_modules/padding/index.js': 'export default (text) => text + text;',
    });
    const lockOf = (deep: string): PackageLock => ({
      packages: {
        'node_modules/padding': { version: '1.0.0', dependencies: { deep: '*' } },
        'node_modules/deep': { version: deep },
        'node_modules/zod': { version: '4.0.0' },
        'node_modules/nobody': { version: deep },
      },
    });
    const ask = (task: (name: string) => NamedTask) => [task('after').goal({}), task('plain').goal({})];
    const first = await project.run(ask, lockOf('1.0.0'));
    expect(first.states).toEqual({ padded: 'succeeded', plain: 'succeeded', after: 'succeeded' });
    const second = await project.run(ask, lockOf('2.0.0'));
    // What reads it is its closure too, and stops early: the bytes are the same.
    expect(second.states).toEqual({ padded: 'succeeded', plain: 'cached', after: 'cached' });
  });

  it('5. functions of one name in two modules are two tasks; two tasks of one name are refused', async () => {
    const textOf = (name: string, text: string): string =>
      `${HEAD}export const make = defineTask({ name: '${name}', params: z.object({}), outputs: { text: value<string>() }, run: async () => ({ text: '${text}' }) });\n`;
    const project = await projectOf({
      'tasks.json': '{"default": ["one.ts", "two.ts"]}',
      'one.ts': textOf('make-one', 'one'),
      'two.ts': textOf('make-two', 'two'),
    });
    const ask = (task: (name: string) => NamedTask) => [task('make-one').goal({}), task('make-two').goal({})];
    const { values, fingerprints } = await project.run(ask);
    expect(values).toEqual(['one', 'two']);
    expect(new Set(fingerprints.values()).size).toBe(2);
    await project.write({ 'two.ts': textOf('make-one', 'two') });
    await expect(project.run(ask)).rejects.toThrow('Two tasks are named make-one');
  });

  it('5. a renamed task keeps its results by its former names, and so does what reads it', async () => {
    const reader = `export const read = defineTask({ name: 'read', params: z.object({}), inputs: () => ({ made: make.goal({}) }), outputs: { text: value<string>() }, run: async ({ inputs }) => ({ text: inputs.made.text + '!' }) });\n`;
    const project = await projectOf({
      'tasks.json': '{"default": ["tasks.ts"]}',
      'tasks.ts': `${HEAD}export const make = defineTask({ name: 'make', params: z.object({}), outputs: { text: value<string>() }, run: async () => ({ text: 'made' }) });\n${reader}`,
    });
    const ask = (task: (name: string) => NamedTask) => [task('read').goal({})];
    const before = await project.run(ask);
    expect(before.states).toEqual({ make: 'succeeded', read: 'succeeded' });
    await project.edit('tasks.ts', (text) => text.replace("name: 'make',", "name: 'produce', formerNames: ['make'],"));
    const after = await project.run(ask);
    expect(after.states).toEqual({ produce: 'cached', read: 'cached' });
    expect(after.goals).toEqual(before.goals);
    await project.edit('tasks.ts', (text) =>
      text.replace("'produce', formerNames: ['make']", "'bear', formerNames: ['make', 'produce']"),
    );
    expect((await project.run(ask)).states).toEqual({ bear: 'cached', read: 'cached' });
    await project.edit('tasks.ts', (text) => text.replace(", formerNames: ['make', 'produce']", ''));
    expect((await project.run(ask)).states).toEqual({ bear: 'succeeded', read: 'succeeded' });
  });

  it('5. a renamed task owns the rows it wrote, answers to its former names, and nobody else may take them', async () => {
    const params = z.object({ owner: z.string() });
    const writeAs = (name: string, formerNames: readonly string[]) =>
      defineTask({
        ...{ name, formerNames, version: '1', params, outputs: { written: rows() } },
        run: async ({ params: { owner }, rows: write }) => ({
          written: await write('written', async (tx) => {
            await tx.query('insert into owned_rows values ($1, 1)', [owner]);
            return 1;
          }),
        }),
      });
    const owner = randomUUID();
    const [old, renamed] = [writeAs('write-old', []), writeAs('write-new', ['write-old'])];
    await engineOf([old]).run([old.goal({ owner })]);
    const engine = engineOf([renamed]);
    expect(await engine.run([old.goal({ owner })])).toBe('succeeded');
    expect(await engine.states()).toEqual({ 'write-new': 'cached' });
    expect(await bench.database.query('select 1 from owned_rows where owner = $1', [owner])).toHaveLength(1);
    expect(() => createRegistry([renamed, old])).toThrow(
      'write-old is a name, or a former name, of the tasks write-new and write-old',
    );
  });

  it('6. a param that is not significant changes neither identity nor key, and a need that carries one ends', async () => {
    let nonce = 0;
    let executions = 0;
    const child = defineTask({
      name: 'child-with-note',
      version: '1',
      params: z.object({ number: z.number(), note: z.string() }),
      insignificant: ['note'],
      outputs: { number: value<number>() },
      run: async ({ params }) => {
        executions++;
        return { number: params.number };
      },
    });
    const parent = defineTask({
      name: 'parent-of-notes',
      version: '1',
      params: z.object({ label: z.string() }),
      insignificant: ['label'],
      outputs: { sum: value<number>() },
      // Each look at the need carries another note, as a time stamp would: asked again and again, Luigi never ends.
      run: async ({ need }) => {
        let sum = 0;
        for (let round = 0; round < 3; round++)
          sum += (await need(child.goal({ number: 1, note: `look ${++nonce}` }))).number;
        return { sum };
      },
    });
    const engine = engineOf([child, parent]);
    expect(await engine.run([parent.goal({ label: 'a' })])).toBe('succeeded');
    expect((await engine.last())?.taskRuns).toHaveLength(2);
    const keys = (await engine.last())?.taskRuns.map(({ key }) => key);
    expect(await engine.run([parent.goal({ label: 'b' })])).toBe('succeeded');
    expect(await engine.states()).toEqual({ 'parent-of-notes': 'cached', 'child-with-note': 'cached' });
    expect((await engine.last())?.taskRuns.map(({ key }) => key)).toEqual(keys);
    expect(executions).toBe(1);
  });

  it('7. equal calls of a task that is not deterministic are one goal: one run gives all of them one result', async () => {
    let throws = 0;
    const throwDice = defineTask({
      name: 'throw-dice',
      version: '1',
      params: z.object({ sample: z.number() }),
      outputs: { thrown: value<string>() },
      run: async () => ({ thrown: `${++throws} ${randomUUID()}` }),
    });
    const compare = defineTask({
      name: 'compare-dice',
      version: '1',
      params: z.object({}),
      inputs: () => ({ left: throwDice.goal({ sample: 1 }), right: throwDice.goal({ sample: 1 }) }),
      outputs: { all: value<readonly string[]>() },
      run: async ({ inputs, need }) => ({
        all: [
          inputs.left.thrown,
          inputs.right.thrown,
          (await need(throwDice.goal({ sample: 1 }))).thrown,
          (await need(throwDice.goal({ sample: 2 }))).thrown,
        ],
      }),
    });
    const engine = engineOf([throwDice, compare]);
    await engine.run([compare.goal({}), throwDice.goal({ sample: 1 }), throwDice.goal({ sample: 1 })]);
    const [row] = await bench.database.query<{ all: readonly string[] }>(
      `select outputs->'all'->'value' as all from manifests where task = 'compare-dice'`,
    );
    const [left, right, needed, other] = row?.all ?? [];
    expect([right, needed]).toEqual([left, left]);
    expect(other).not.toBe(left);
    // Who wants another throw asks for another goal: a param that numbers the samples.
    expect(throws).toBe(2);
  });
});
