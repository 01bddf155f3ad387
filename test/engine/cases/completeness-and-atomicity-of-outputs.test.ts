import { execFile } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type AnyTask, blob, defineTask, file, inlineExecutor, processExecutor, value } from '#engine';
import { type ArtifactDriver, fsArtifacts } from '#store';
import { realFileDisk } from '../../../src/engine/execute/place-file.ts';
import { chooseKills } from '../../kills/choose-kills.ts';
import { programFile, programUrl } from '../../programs/programs.ts';
import { caseTasks, exitEarly, keepText, placeText } from '../fixtures/case-tasks.ts';
import { createKilledWorld, type KilledWorld } from '../fixtures/killed-world.ts';
import { powerLossWorld, STATE } from '../fixtures/power-loss.ts';
import { watchCalls } from '../fixtures/watched-calls.ts';
import { createTestEngine, createWorkbench, type TestEngine, type Workbench } from '../fixtures/workbench.ts';

const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;

let bench: Workbench;
const open: TestEngine[] = [];
beforeAll(async () => {
  bench = await createWorkbench();
});
afterEach(async () => {
  for (const engine of open.splice(0)) await engine.close();
});
afterAll(() => bench.close());

// Pauses before another try are over at once; timeouts and leases stay far away.
const soon = (delayMs: number, callback: () => void): (() => void) => {
  const timer = delayMs > 4_000 ? undefined : setImmediate(callback);
  return () => clearImmediate(timer);
};
interface EngineParts {
  readonly artifacts?: ArtifactDriver;
  readonly disk?: typeof realFileDisk;
  readonly database?: Workbench['database'];
}
function engineOf(given: readonly unknown[], parts: EngineParts = {}): TestEngine {
  // Each was made by defineTask; a list of tasks of several types has no type that fits.
  const tasks = given as readonly AnyTask[];
  const { disk = realFileDisk, ...other } = parts;
  const place = { ...bench, ...other };
  const executor = inlineExecutor({ ...place, tasks, folder: path.join(bench.folder, 'attempts') }, { disk });
  const engine = createTestEngine(place, { tasks, executor, effects: { after: soon } });
  open.push(engine);
  return engine;
}
const keysOf = async (engine: TestEngine): Promise<readonly (string | null)[]> =>
  ((await engine.last())?.taskRuns ?? []).map(({ key }) => key);
async function assertNothingCached(engine: TestEngine): Promise<void> {
  const keys = await keysOf(engine);
  // Without a key nothing would be looked for.
  expect(keys).toEqual([expect.any(String)]);
  expect(await bench.database.query('select 1 from manifests where key = any($1::text[])', [keys])).toEqual([]);
}
const folderOf = async (name: string): Promise<string> => mkdtemp(path.join(bench.folder, `${name}-`));
async function withMount(options: string, work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await folderOf('mount');
  await run('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
  try {
    await work(folder);
  } finally {
    await run('umount', [folder]);
  }
}

describe('a kill', () => {
  let world: KilledWorld;
  beforeAll(async () => {
    world = await createKilledWorld();
  });
  beforeEach(() => world.forget());
  afterAll(() => world.close());

  it('8. before any write to database, disk or sink leaves nothing partial, and the next run ends with the same bytes', async () => {
    const uninterrupted = await world.startToKill('nowhere');
    if (uninterrupted.kind === 'killed') throw new Error('Nobody was to be killed.');
    const expected = await world.result();
    expect(expected).toMatchObject({ run: { state: 'succeeded', isSettled: true } });
    expect(uninterrupted.passed.length).toBeGreaterThan(20);
    for (const point of chooseKills(uninterrupted.passed, { test: 'outputs', extra: 0, pointOf: (each) => each })) {
      // What an earlier kill left must not hide what a later one does.
      await world.forget();
      expect(await world.startToKill(point), point).toEqual({ kind: 'killed' });
      await world.assertWhole();
      expect(await world.finish(), `killed at ${point}`).toBe('succeeded');
      expect(await world.result(), `killed at ${point}`).toEqual(expected);
    }
  });

  it('12. between the names of two outputs shows neither: no manifest names the one that is there', async () => {
    await world.finish();
    const expected = await world.result();
    for (const [target, task, isFirstThere] of [
      ['rename 2', 'make-two', undefined],
      ['rename 4', 'place-two', true],
    ] as const) {
      await world.forget();
      expect(await world.startToKill(target)).toEqual({ kind: 'killed' });
      await world.assertWhole();
      expect(await world.database.query('select 1 from manifests where task = $1', [task])).toEqual([]);
      if (isFirstThere) expect((await readdir(path.join(world.folder, 'placed'))).includes('first.txt')).toBe(true);
      expect(await world.finish()).toBe('succeeded');
      expect(await world.result()).toEqual(expected);
    }
  });

  it.each([
    ['before the commit of its rows', 'warehouse commit 1'],
    ['between the commit of its rows and that of its manifest', 'warehouse committed 1'],
  ])('15. %s doubles no row in the sink, because rows and marker are one transaction', async (_, target) => {
    expect(await world.startToKill(target)).toEqual({ kind: 'killed' });
    await world.assertWhole();
    expect(await world.finish()).toBe('succeeded');
    const rows = await world.warehouse.query('select number from public.delivered order by number');
    expect(rows.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
    const [transactions] = await world.warehouse.query(
      `select array_agg(distinct xmin::text) = (select array_agg(xmin::text) from weir.markers) as "isOne" from public.delivered`,
    );
    expect(transactions?.isOne).toBe(true);
  });
});

describe('a power loss', () => {
  const keepAndPlace = defineTask({
    name: 'keep-and-place',
    version: '1',
    params: z.object({ letter: z.string() }),
    outputs: { long: value<string>(), kept: blob(), placed: file() },
    run: async ({ params: { letter }, blob: put, file: place, folder }) => {
      const at = path.join(folder, 'text');
      await writeFile(at, letter.repeat(3_000));
      return {
        long: letter.repeat(6_000),
        kept: await put(Buffer.from(letter.repeat(9_000))),
        placed: await place(at, `${STATE}/placed-${letter}.txt`),
      };
    },
  });
  const loseAt = async (letters: readonly string[], { isHonest }: { readonly isHonest: boolean }) => {
    const world = powerLossWorld(bench.database, { isHonest });
    const artifacts = await fsArtifacts({ folder: `${STATE}/artifacts` }, { disk: world.artifactDisk });
    const engine = engineOf([keepAndPlace], { artifacts, disk: world.fileDisk, database: world.database });
    // One after the other, so that each writes while those before are committed.
    for (const letter of letters) expect(await engine.run([keepAndPlace.goal({ letter })])).toBe('succeeded');
    return world;
  };

  it('9. at any moment leaves the bytes of every committed manifest: bytes, names and folders are synced before the commit', async () => {
    const liar = await loseAt(['x'], { isHonest: false });
    // Or the model could not see a violation.
    expect(liar.violations().length).toBeGreaterThan(0);
    await bench.database.query(`delete from manifests where task = 'keep-and-place'`);
    const world = await loseAt(['a', 'b', 'c'], { isHonest: true });
    expect(world.violations()).toEqual([]);
    expect(world.moments()).toBeGreaterThan(3);
    await bench.database.query(`delete from manifests where task = 'keep-and-place'`);
  });
});

describe('a task that ends', () => {
  it('10. with exit code 0 before it wrote its outputs has failed, is not complete, and is not cached', async () => {
    const executor = processExecutor({
      entry: programUrl('case-child'),
      argv: [bench.database.url, bench.folder],
      slots: 1,
    });
    const engine = createTestEngine(bench, { tasks: caseTasks, executor });
    open.push(engine);
    for (let round = 0; round < 2; round++) {
      expect(await engine.run([exitEarly.goal({ code: 0 })])).toBe('failed');
      expect((await engine.last())?.reason).toContain('ended with code 0');
      await assertNothingCached(engine);
    }
  });

  it('10. without one of its outputs has failed, though the other one is stored', async () => {
    let executions = 0;
    const forgetful = defineTask({
      name: 'forgetful',
      version: '1',
      params: z.object({}),
      outputs: { text: value<string>(), bytes: blob() },
      run: async ({ blob: put }) => {
        executions++;
        return { bytes: await put(Buffer.from('there')) } as never; // The compiler would have caught it.
      },
    });
    const engine = engineOf([forgetful]);
    for (let round = 1; round <= 2; round++) {
      expect(await engine.run([forgetful.goal({})])).toBe('failed');
      expect((await engine.last())?.reason).toContain('ended without its output text');
      await assertNothingCached(engine);
      expect(executions).toBe(round);
      expect(await bench.artifacts.stat(createHash('sha256').update('there').digest('hex'))).toBeDefined();
    }
  });

  it('11. with an empty output, or one that is all header, is complete only if the task accepts it', async () => {
    const params = z.object({ text: z.string() });
    const header = 'id,name\n';
    const hasRows = async (_: unknown, content: { path(): Promise<string> }): Promise<boolean> =>
      (await readFile(await content.path(), 'utf8')).length > header.length;
    const kinds = {
      'keep-any': defineTask({
        ...{ name: 'keep-any', version: '1', params, outputs: { kept: blob() } },
        run: async ({ params: { text }, blob: put }) => ({ kept: await put(Buffer.from(text)) }),
      }),
      'keep-some': defineTask({
        ...{ name: 'keep-some', version: '1', params },
        outputs: { kept: blob({ accepts: ({ sizeBytes }) => sizeBytes > 0 }) },
        run: async ({ params: { text }, blob: put }) => ({ kept: await put(Buffer.from(text)) }),
      }),
      'keep-rows': defineTask({
        ...{ name: 'keep-rows', version: '1', params, outputs: { kept: blob({ accepts: hasRows }) } },
        run: async ({ params: { text }, blob: put }) => ({ kept: await put(Buffer.from(text)) }),
      }),
      'place-rows': defineTask({
        ...{ name: 'place-rows', version: '1', params, outputs: { placed: file({ accepts: hasRows }) } },
        run: async ({ params: { text }, folder, file: place }) => {
          const at = path.join(folder, 'text');
          await writeFile(at, text);
          return { placed: await place(at, path.join(bench.folder, 'rows.csv')) };
        },
      }),
    };
    const engine = engineOf(Object.values(kinds));
    const stateOf = async (name: keyof typeof kinds, text: string): Promise<string> =>
      engine.run([kinds[name].goal({ text })]);
    expect(await stateOf('keep-any', '')).toBe('succeeded');
    expect(await stateOf('keep-some', '')).toBe('failed');
    expect(await stateOf('keep-some', header)).toBe('succeeded');
    expect(await stateOf('keep-rows', header)).toBe('failed');
    await assertNothingCached(engine);
    expect(await stateOf('keep-rows', `${header}1,a\n`)).toBe('succeeded');
    expect(await stateOf('place-rows', header)).toBe('failed');
    expect(await readdir(bench.folder)).not.toContain('rows.csv');
    expect(await stateOf('place-rows', `${header}1,a\n`)).toBe('succeeded');
  });
});

describe('a disk', () => {
  it.each([
    ['ENOSPC', 'no space is left on the disk'],
    ['EMFILE', 'too many open files'],
    ['EIO', 'reported an error'],
  ])(
    '13. that answers %s to any call while a file is placed is named, keeps no temporary file, and caches nothing',
    async (code, said) => {
      let faults = 0;
      for (let at = 1; ; at++) {
        const folder = await folderOf(`fault-${code}`);
        const to = path.join(folder, 'placed.txt');
        await writeFile(to, 'the former one');
        let calls = 0;
        const disk = watchCalls(realFileDisk, async ({ name, proceed }) => {
          // Removing what is temporary is what a fault leads to; a fault there is the next start's work.
          if (name === 'close' || name === 'rm' || ++calls !== at) return proceed();
          throw Object.assign(new Error(`${code}: as told by the test`), { code });
        });
        const once = { ...placeText, attemptsMax: 1 };
        const engine = engineOf([once], { disk });
        const state = await engine.run([once.goal({ to, text: `fault ${code} ${at}` })]);
        if (calls < at) {
          expect(state).toBe('succeeded');
          break;
        }
        faults++;
        expect(state).toBe('failed');
        expect((await engine.last())?.reason).toContain(said);
        expect((await engine.last())?.taskRuns[0]?.attempts[0]?.error?.class).toBe('infrastructure');
        expect(await readdir(folder)).toEqual(['placed.txt']);
        expect(['the former one', `fault ${code} ${at}`]).toContain(await readFile(to, 'utf8'));
        await assertNothingCached(engine);
      }
      expect(faults).toBeGreaterThan(5);
    },
  );

  it.skipIf(!isRoot)(
    '13. that is full says so for files and for artifacts, and there is room again when nothing was left',
    async () => {
      await withMount('size=256k', async (folder) => {
        const artifacts = await fsArtifacts({ folder: path.join(folder, 'artifacts') });
        const engine = engineOf([placeText, keepText], { artifacts });
        const to = path.join(folder, 'placed.txt');
        const large = placeText.goal({ to, text: 'x'.repeat(400_000) });
        expect(await engine.run([large])).toBe('failed');
        expect((await engine.last())?.reason).toMatch(
          /placed.txt could not be placed \(ENOSPC\): no space is left.*Free some/,
        );
        expect((await engine.last())?.taskRuns[0]?.attempts).toHaveLength(3);
        await assertNothingCached(engine);
        expect(await engine.run([keepText.goal({ text: randomUUID(), times: 20_000 })])).toBe('failed');
        expect((await engine.last())?.reason).toMatch(/ENOSPC|no space|full/i);
        await assertNothingCached(engine);
        expect(await readdir(folder)).toEqual(['artifacts']);
        const files = await readdir(path.join(folder, 'artifacts'), { recursive: true, withFileTypes: true });
        expect(files.filter((entry) => entry.isFile())).toEqual([]);
        const goals = [placeText.goal({ to, text: 'fits' }), keepText.goal({ text: randomUUID(), times: 1_000 })];
        expect(await engine.run(goals)).toBe('succeeded');
      });
    },
  );

  it('13. is asked again when a process that had too many files open has closed some', async () => {
    const program = programFile('place-crowded');
    const folder = await folderOf('crowded');
    const { stdout } = await run('sh', ['-c', 'ulimit -n 64; exec "$0" "$@"', process.execPath, program, folder]);
    expect(JSON.parse(stdout)).toEqual([
      { class: 'infrastructure', message: expect.stringContaining('(EMFILE): this process has too many open files') },
      'placed',
    ]);
    expect((await readdir(folder)).sort()).toEqual(['attempt', 'made.txt', 'placed.txt']);
  });

  it.each<[string, string, (folder: string) => Promise<string>]>([
    ['a folder', 'is a folder; a file output replaces plain files only', async (folder) => folder],
    [
      'a link to a file',
      'is a symbolic link',
      async (folder) => {
        await writeFile(path.join(folder, 'real.txt'), 'real');
        await symlink('real.txt', path.join(folder, 'link.txt'));
        return path.join(folder, 'link.txt');
      },
    ],
    [
      'a link that leads nowhere',
      'is a symbolic link',
      async (folder) => {
        await symlink('nowhere', path.join(folder, 'link.txt'));
        return path.join(folder, 'link.txt');
      },
    ],
    [
      'in a folder that is not there',
      'does not exist. Make it before',
      async (folder) => path.join(folder, 'no', 'x.txt'),
    ],
    [
      'below a file',
      'leads through something that is not a folder',
      async (folder) => {
        await writeFile(path.join(folder, 'file'), 'x');
        return path.join(folder, 'file', 'x.txt');
      },
    ],
    ['a name that is too long', 'is too long', async (folder) => path.join(folder, 'n'.repeat(250))],
    ['relative', 'needs an absolute path', async () => 'relative.txt'],
  ])('14. an output path that is %s is refused with a reason, once, and touches nothing', async (_, said, make) => {
    const folder = await folderOf('odd');
    const to = await make(folder);
    const before = await readdir(folder);
    const engine = engineOf([placeText]);
    expect(await engine.run([placeText.goal({ to, text: 'x' })])).toBe('failed');
    const reason = (await engine.last())?.reason;
    expect(reason).toContain(said);
    expect((await engine.last())?.taskRuns[0]?.attempts).toMatchObject([{ error: { class: 'user' } }]);
    expect(await readdir(folder)).toEqual(before);
    await assertNothingCached(engine);
  });

  it('14. an output path where this user may not write is refused with a reason', async () => {
    const inFolder = async (folder: string, said: string): Promise<void> => {
      const engine = engineOf([placeText]);
      const goal = placeText.goal({ to: path.join(folder, 'x.txt'), text: 'x' });
      expect(await engine.run([goal])).toBe('failed');
      expect((await engine.last())?.reason).toContain(said);
      expect(await readdir(folder)).toEqual([]);
      await assertNothingCached(engine);
    };
    // Permissions are no obstacle to root; a file system that is read-only is.
    if (isRoot) return withMount('size=64k,ro', (folder) => inFolder(folder, 'is on a read-only file system'));
    const folder = await folderOf('closed');
    await chmod(folder, 0o500);
    await inFolder(folder, 'this user may not write');
    await rm(folder, { recursive: true });
  });

  it('14. an output path on another file system than the private folder is placed whole, by a name given there', async () => {
    const elsewhere = await mkdtemp('/dev/shm/weir-case-').catch(() => folderOf('elsewhere'));
    const to = path.join(elsewhere, 'x.txt');
    const engine = engineOf([placeText]);
    expect(await engine.run([placeText.goal({ to, text: 'across' })])).toBe('succeeded');
    expect(await readFile(to, 'utf8')).toBe('across');
    expect(await readdir(elsewhere)).toEqual(['x.txt']);
    if (elsewhere.startsWith('/dev/shm')) expect((await stat(elsewhere)).dev).not.toBe((await stat(bench.folder)).dev);
    await rm(elsewhere, { recursive: true });
  });

  it('16. that lists late is never asked to list: completeness asks for what a manifest names, by its name', async () => {
    const asked = new Map<string, number>();
    const real = bench.artifacts;
    const eventual: ArtifactDriver = new Proxy(real, {
      get: (_, name) => {
        const member: unknown = Reflect.get(real, name);
        if (typeof member !== 'function') return member;
        return (...args: readonly unknown[]) => {
          asked.set(String(name), (asked.get(String(name)) ?? 0) + 1);
          if (name === 'list') throw new Error('A listing shows what was put a minute ago, perhaps.');
          return Reflect.apply(member, real, args);
        };
      },
    });
    const goal = keepText.goal({ text: randomUUID(), times: 3 });
    expect(await engineOf([keepText], { artifacts: eventual }).run([goal])).toBe('succeeded');
    const later = engineOf([keepText], { artifacts: eventual });
    await later.run([goal]);
    expect(await later.states()).toEqual({ 'keep-text': 'cached' });
    expect(asked.get('stat')).toBeGreaterThan(0);
    expect(asked.get('list')).toBeUndefined();
  });
});
