import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { alerts } from '#api';
import { maybeSmallDisk, type SmallDisk } from '../suites/small-disk.ts';
import { AS_PLAIN_USER, isRoot, PLAIN_USER, StartWorld } from './start-world.ts';
import { eventually, postgresFolderOf, type WeirProcess } from './weir-process.ts';

/** A database that nobody serves: what is wrong before it is needed shows without starting one. */
const NO_DATABASE = 'postgres://weir:s3cret-of-the-database@127.0.0.1:1/weir';
const STACK = /\n\s+at .*\.(ts|js|mjs):\d+/;

describe('a start that cannot be', () => {
  let world: StartWorld;
  beforeEach(async () => {
    world = await StartWorld.make();
  });
  afterEach(() => world.remove());

  it('names --port when the port is taken, and has touched nothing', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const said = await world.refusal({ port });
    other.close();
    expect(said).toContain('weir ended with 64');
    expect(said).toContain(`Port ${port} of 127.0.0.1 is taken`);
    expect(said).toContain('--port');
    expect(said).not.toMatch(STACK);
    expect(await readdir(world.project)).not.toContain('.weir');
    expect(await world.leftovers()).toEqual([]);
  });

  it('names an unknown setting, and the variable it came from', async () => {
    const said = await world.refusalHere({ WEIR_SERVER__PRT: '1' });
    expect(said).toContain('weir ended with 64');
    expect(said).toContain(
      'server.prt (from WEIR_SERVER__PRT): unknown setting; known here: host, port, uploadMaxMb, ',
    );
    await writeFile(path.join(world.project, 'config', 'base.yaml'), 'server:\n  prt: 1\n');
    expect(await world.refusalHere()).toContain('server.prt: unknown setting');
  });

  it('says which folder is missing', async () => {
    await rm(world.project, { recursive: true });
    const said = await world.refusalHere();
    expect(said).toContain(`Expected the project's folder at ${world.project}`);
    await mkdir(world.project);
    expect(await world.refusalHere()).toContain(`Expected a project file at ${path.join(world.project, 'project.ts')}`);
    expect(await readdir(world.project)).toEqual([]);
  });

  it.each([
    ['a wrong default export', 'export default 1;', 'its default export is a number'],
    ['no default export', 'export const project = 1;', 'its default export is missing'],
    ['a file that does not parse', 'const = 3;', 'project.ts:1: Expected identifier'],
    ['an import of what is not there', "import './gone.ts';", 'Could not resolve "./gone.ts"'],
    ['an error while it loads', "throw new Error('no fields here');", 'could not be loaded: no fields here'],
  ])('explains %s in project.ts without a stack of its own', async (_, text, expected) => {
    await writeFile(path.join(world.project, 'project.ts'), text);
    const said = await world.refusalHere({ DATABASE_URL: NO_DATABASE });
    expect(said).toContain(expected);
    expect(said).toContain(path.join(world.project, 'project.ts'));
    expect(said).not.toContain('src/app');
  });

  it('names the database that does not answer, without its password', async () => {
    const said = await world.refusalHere({ DATABASE_URL: NO_DATABASE });
    expect(said).toContain('127.0.0.1:1');
    expect(said).toContain('DATABASE_URL');
    expect(said).not.toContain('s3cret');
    expect(said).not.toMatch(STACK);
  });

  it.skipIf(AS_PLAIN_USER === undefined)('says what to do when the folder may not be written', async () => {
    await chmod(world.project, 0o555);
    const said = await world.refusal({ as: AS_PLAIN_USER ?? [] });
    expect(said).toContain('weir ended with 64');
    expect(said).toContain(`Could not write in the folder ${world.state}`);
    expect(said).toContain('state.folder');
    expect(said).not.toMatch(STACK);
    await chmod(world.project, 0o755);
  });
});

describe('a Weir over one state folder', () => {
  const SECRET = 'hook-s3cret-4711';
  const env = { WEIR_ALERTS__TEAMS_URL: `http://127.0.0.1:1/${SECRET}`, WEIR_ALERTS__PRIVATE_HOSTS: '127.0.0.1' };
  let world: StartWorld;
  let weir: WeirProcess;
  let printed = '';
  const start = async (): Promise<void> => {
    weir = await world.start({ env });
  };
  const stop = async (): Promise<number | null> => {
    const code = await weir.stop();
    printed += weir.output();
    return code;
  };

  beforeAll(async () => {
    world = await StartWorld.make();
    // Root's database belongs to a user of its own, who cannot pass this folder.
    if (isRoot) await chmod(path.dirname(world.project), 0o700);
    await start();
  });
  afterAll(async () => {
    await weir?.stop();
    await world.remove();
  });

  it('refuses a second one, naming the process and the address of the first', async () => {
    const port = Number(new URL(weir.url).port);
    for (const said of [await world.refusal(), await world.refusal({ port })]) {
      expect(said).toContain('weir ended with 75');
      expect(said).toMatch(/Weir already runs over .*: process \d+, at /);
      expect(said).toContain(weir.url);
      expect(said).not.toMatch(STACK);
    }
    expect((await predict(weir.url)).status).toBe(200);
  });

  it('says of an alert that was not delivered why, without the address of the channel', async () => {
    await writeFile(
      path.join(world.project, 'raw-data', 'bad.csv'),
      'plot code,order,rain,irrigated\nQA-1,mud,1,true\n',
    );
    await fetch(new URL('/api/pipelines/ingest/runs', weir.url), { method: 'POST' });
    const said = await eventually('an attempt to deliver the alert', async () => {
      const text = await (await fetch(new URL('/api/alerts', weir.url))).text();
      const { items } = alerts.parse(JSON.parse(text));
      return items.some(({ deliveries }) => deliveries.some(({ lastError }) => lastError !== null)) ? text : undefined;
    });
    expect(said).not.toContain(SECRET);
  });

  it.runIf(isRoot)('works for root in a folder that only root may enter', async () => {
    expect((await stat(path.dirname(world.project))).mode & 0o777).toBe(0o700);
    expect((await predict(weir.url)).status).toBe(200);
  });

  it.skipIf(process.platform === 'win32')(
    'keeps its state to itself, and its database to a user of its own',
    async () => {
      expect((await stat(world.state)).mode & 0o777).toBe(0o700);
      const { uid } = await stat(path.join(await postgresFolderOf(world.project), 'data'));
      expect(uid).toBe(isRoot ? 65_521 : process.getuid?.());
    },
  );

  it('continues when its database is killed', async () => {
    const killed = await world.postgresPid();
    process.kill(killed, 'SIGKILL');
    // Backends outlive their killed server for a moment and still answer: only a prediction through the next server counts.
    await eventually('a prediction after the database was killed', async () => {
      const pid = await world.postgresPid().catch(() => killed);
      if (pid === killed || Number.isNaN(pid)) return undefined;
      const answer = await predict(weir.url).catch(() => undefined);
      return answer?.status === 200 ? true : undefined;
    });
  });

  it('adopts the database of an owner that was killed, and has lost nothing', async () => {
    const before = await pastPredictions(weir.url);
    expect(before.length).toBeGreaterThan(0);
    const postgres = await world.postgresPid();
    await weir.kill();
    printed += weir.output();
    await start();
    expect(await world.postgresPid()).toBe(postgres);
    const after = await pastPredictions(weir.url);
    expect(after).toEqual(expect.arrayContaining([...before]));
    expect(weir.output()).not.toContain('Training the first model');
  });

  it('is ended by Ctrl-C with everything it started, and starts again over what it left', async () => {
    const before = await pastPredictions(weir.url);
    expect(await stop()).toBe(0);
    await eventually('every process to be gone', async () =>
      (await world.leftovers()).length === 0 ? true : undefined,
    );
    expect(await readdir(world.state)).not.toContain('server.json');
    await start();
    expect(await pastPredictions(weir.url)).toEqual(expect.arrayContaining([...before]));
  });

  it('is ended by SIGTERM just as well', async () => {
    const { pid } = JSON.parse(await readFile(path.join(world.state, 'server.json'), 'utf8'));
    process.kill(pid, 'SIGTERM');
    await eventually('every process to be gone', async () =>
      (await world.leftovers()).length === 0 ? true : undefined,
    );
    expect(await stop()).toBe(0);
  });

  it('has printed and logged no secret', async () => {
    const password = (await readFile(path.join(await postgresFolderOf(world.project), 'password'), 'utf8')).trim();
    const logged = await readFile(path.join(world.state, 'logs', 'weir.log'), 'utf8');
    const database = await readFile(path.join(await postgresFolderOf(world.project), 'postgres.log'), 'utf8');
    for (const text of [printed, logged, database]) {
      expect(text).not.toBe('');
      expect(text).not.toContain(password);
      expect(text).not.toContain(SECRET);
    }
  });
});

describe('a start that is stopped', () => {
  it('leaves no process behind while its database is being made', async () => {
    const world = await StartWorld.make();
    const weir = world.spawn();
    await eventually('the database to be begun', async () =>
      (await readdir(await postgresFolderOf(world.project)).catch(() => [])).some((name) => name.startsWith('data'))
        ? true
        : undefined,
    );
    expect(await weir.stop()).toBe(0);
    await eventually('every process to be gone', async () =>
      (await world.leftovers()).length === 0 ? true : undefined,
    );
    await world.remove();
  });
});

describe('a user who is not root', () => {
  let world: StartWorld;
  beforeAll(async () => {
    world = await StartWorld.make();
  });
  afterAll(() => world.remove());

  it.skipIf(AS_PLAIN_USER === undefined)('starts it like root', async () => {
    await world.giveTo(PLAIN_USER);
    const weir = await world.start({ as: AS_PLAIN_USER ?? [] });
    expect((await predict(weir.url)).status).toBe(200);
    expect(await weir.stop()).toBe(0);
  });
});

describe('a disk that is full', () => {
  let world: StartWorld;
  let disk: SmallDisk | undefined;

  beforeAll(async () => {
    world = await StartWorld.make();
    await mkdir(world.state);
    disk = maybeSmallDisk(world.state, '30m');
  });
  afterAll(async () => {
    disk?.unmount();
    await world.remove();
  });

  it('is named as what it is, and once there is room Weir starts', async (context) => {
    if (disk === undefined && !process.env.CI) context.skip('a small disk cannot be mounted here');
    expect(disk, 'a small disk').toBeDefined();
    const said = await world.refusal();
    expect(said).toContain('weir ended with 70');
    expect(said).toMatch(/disk is full/i);
    expect(said).not.toMatch(STACK);
    expect(await world.leftovers()).toEqual([]);

    disk?.resize('400m');
    const weir = await world.start();
    expect((await predict(weir.url)).status).toBe(200);
    expect(await weir.stop()).toBe(0);
  });
});

async function predict(url: string): Promise<Response> {
  return fetch(new URL('/api/predict', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ order: 'clay', rain: 100, irrigated: true }),
  });
}

async function pastPredictions(url: string): Promise<readonly { readonly predictionId: string }[]> {
  const answer = await fetch(new URL('/api/past-predictions', url));
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { readonly items: readonly { readonly predictionId: string }[] }).items;
}
