import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '#store';
import { PARCELS_PROJECT } from '../app/cli/commands/parcels-project.ts';
import { packWeir, writeFiles } from '../e2e/packed-weir.ts';
import { cleanEnvironment, startWeir } from '../e2e/weir-process.ts';
import { createTestDatabase } from '../postgres/create-test-database.ts';
import { type BuiltImage, buildImage } from './build-image.ts';

const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;
/** What is sent to a build of the clone: what git has, and not what was built or installed here. */
const CLONE = [
  'package.json',
  'package-lock.json',
  '.npmrc',
  '.dockerignore',
  'LICENSE',
  'README.md',
  'bin',
  'database',
];
const SOURCES = ['src', 'scripts', 'examples', 'docs', 'tsconfig.json', 'tsconfig.build.json'];

let folder: string;
let database: Database;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'weir-image-'));
  // The account of the image has to reach it.
  await chmod(folder, 0o755);
  database = await createTestDatabase({ isMigrated: false });
});
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

describe('an image', () => {
  it('of the clone builds, migrates, serves the example and answers its health check, as another user than root', async () => {
    const context = path.join(folder, 'clone');
    await mkdir(context);
    for (const part of [...CLONE, ...SOURCES]) await cp(part, path.join(context, part), { recursive: true });
    const image = await build(path.resolve('Dockerfile'), context);
    expect(await readdir(path.join(image.root, 'app'))).not.toContain('src');
    expect(await readdir(path.join(image.root, 'app/node_modules/@aws-sdk'))).toContain('client-s3');
    await expectToServe(image);
  });

  it('of a project installs Weir from a package in its repository, and serves it', async () => {
    const context = path.join(folder, 'own');
    const packed = await packWeir();
    const [tarball = ''] = (await readdir(packed.root)).filter((name) => name.endsWith('.tgz'));
    await mkdir(path.join(context, 'vendor'), { recursive: true });
    await cp(path.join(packed.root, tarball), path.join(context, 'vendor', tarball));
    await packed.remove();
    const rows = Array.from({ length: 100 }, (_, id) => `${id},${id},${id < 50 ? 'light' : 'heavy'}\n`);
    await writeFiles(context, {
      'package.json': JSON.stringify({ name: 'own', private: true, type: 'module' }),
      'project.ts': PARCELS_PROJECT,
      'parcels.csv': `number,weight,outcome\n${rows.join('')}`,
    });
    const options = { cwd: context, env: cleanEnvironment({}) };
    await run('npm', ['install', '--no-audit', '--no-fund', `./vendor/${tarball}`, '@aws-sdk/client-s3'], options);
    await run('npx', ['weir', 'deploy', 'export'], options);
    await expectToServe(await build(path.join(context, 'Dockerfile'), context));
  });
});

async function build(dockerfile: string, context: string): Promise<BuiltImage> {
  const image = await buildImage({ dockerfile, context, into: await mkdtemp(path.join(folder, 'stages-')) });
  expect(image.user).toBe('1000:1000');
  for (const at of [path.dirname(image.root), image.root]) await chmod(at, 0o755);
  return image;
}

/** With paths of the image as folders, on loopback, and as the user of the image where that can be. */
async function expectToServe(image: BuiltImage): Promise<void> {
  const inside = (text: string): string => (text.startsWith('/') ? path.join(image.root, text) : text);
  const settings = Object.fromEntries(Object.entries(image.environment).map(([name, value]) => [name, inside(value)]));
  const env = { ...settings, WEIR_HOST: '127.0.0.1', WEIR_PORT: '0', DATABASE_URL: database.url, HOME: image.root };
  const cwd = inside(image.workingFolder);
  const [, ...entry] = image.command;
  const asUser = isRoot ? ['setpriv', '--reuid=1000', '--regid=1000', '--clear-groups'] : [];
  const command = (args: readonly string[]): [string, ...string[]] =>
    [...asUser, process.execPath, ...entry.slice(0, -1), ...args] as [string, ...string[]];
  const [program, ...args] = command(['migrate', '--json']);
  const { stdout } = await run(program, args, { cwd, env: cleanEnvironment(env) });
  expect(JSON.parse(stdout)).toHaveProperty('applied');
  expect(entry.at(-1)).toBe('serve');
  const weir = await startWeir({ cwd, command: command(['serve']), env: { ...env, WEIR_DATABASE__MIGRATE: 'deploy' } });
  try {
    const [, ...check] = image.healthCheck;
    await run(process.execPath, check, { env: cleanEnvironment({ WEIR_PORT: new URL(weir.url).port }) });
    expect(await (await fetch(weir.url)).text()).toContain('<div id="root">');
  } finally {
    expect(await weir.stop()).toBe(0);
  }
  await expect(
    run(process.execPath, image.healthCheck.slice(1), { env: cleanEnvironment({ WEIR_PORT: new URL(weir.url).port }) }),
  ).rejects.toThrow();
}
