import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const repository = fileURLToPath(new URL('../..', import.meta.url));

// The scripts are plain JavaScript, for they run before anything is installed; an import by URL leaves them untyped,
// and these say what the tests rely on.
interface Machine {
  readonly platform: string;
  readonly arch: string;
  readonly versions: { readonly modules: string };
}
const load = (file: string) => import(pathToFileURL(path.join(repository, file)).href);
const {
  maybeNodeVersionProblem,
  OLDEST_NODE,
}: { maybeNodeVersionProblem: (version: string) => string | undefined; OLDEST_NODE: string } =
  await load('bin/node-version.mjs');
const {
  buildIsCurrent,
  buildStamp,
  installIsCurrent,
  writeInstallStamp,
}: {
  buildIsCurrent: (root: string) => boolean;
  buildStamp: (root: string) => string;
  installIsCurrent: (root: string, machine?: Machine) => boolean;
  writeInstallStamp: (root: string) => void;
} = await load('scripts/prepare/stamps.mjs');
const { npmCommand, npmEnvironment }: { npmCommand: NpmCommand; npmEnvironment: (env: Environment) => Environment } =
  await load('scripts/prepare/npm.mjs');
const {
  assertRoomToInstall,
  assertWritable,
  explainFailure,
}: {
  assertRoomToInstall: (root: string, freeBytes?: number) => void;
  assertWritable: (root: string) => void;
  explainFailure: (step: string, result: { output: string }, where: { root: string; freeBytes: number }) => string;
} = await load('scripts/prepare/problems.mjs');
const {
  lockFile,
  withFolderToOurselves,
}: {
  lockFile: (root: string) => string;
  withFolderToOurselves: (root: string, work: () => unknown) => Promise<unknown>;
} = await load('scripts/prepare/one-at-a-time.mjs');

type Environment = Readonly<Record<string, string>>;
type NpmCommand = (
  args: readonly string[],
  effects: { env: Environment; execPath: string; exists: (file: string) => boolean },
) => { command: string; args: readonly string[] };

let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'weir-prepare-test-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(file: string, text: string): void {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text);
}

describe('the version of Node', () => {
  it.each(['20.19.0', '20.19.1', '20.20.0', '22.0.0', '100.0.0', '21.0.0-nightly2023'])('%s is accepted', (version) => {
    expect(maybeNodeVersionProblem(version)).toBeUndefined();
  });

  it.each(['20.18.9', '18.20.8', '20.9.0', '8.17.0'])(
    '%s is refused, with what is needed and what to do',
    (version) => {
      const problem = maybeNodeVersionProblem(version);
      expect(problem).toContain('Weir needs Node 20.19.0 or newer');
      expect(problem).toContain(`this is Node ${version}`);
      expect(problem).toContain('nvm install 20');
    },
  );

  it('is the one that package.json promises', () => {
    const { engines } = JSON.parse(readFileSync(path.join(repository, 'package.json'), 'utf8'));
    expect(`${engines.node}.0`).toBe(`>=${OLDEST_NODE}`);
  });
});

describe('the stamp of an install', () => {
  const here: Machine = { platform: 'linux', arch: 'x64', versions: { modules: '115' } };
  const lock = (packages: object) => JSON.stringify({ packages });
  const tool = { version: '1.0.0' };
  const forLinux = { version: '1.0.0', optional: true, os: ['linux'], cpu: ['x64'] };
  const forWindows = { version: '1.0.0', optional: true, os: ['win32'] };
  const wanted = {
    '': { name: 'weir' },
    'node_modules/tool': tool,
    'node_modules/for-linux': forLinux,
    'node_modules/for-windows': forWindows,
    'node_modules/of-windows-alone': { version: '1.0.0', optional: true },
  };
  const found = { 'node_modules/tool': tool, 'node_modules/for-linux': forLinux };

  it('makes an install current, until the lock changes', () => {
    write('package-lock.json', lock(wanted));
    write('node_modules/tool/index.js', '');
    expect(installIsCurrent(root)).toBe(false);
    writeInstallStamp(root);
    expect(installIsCurrent(root)).toBe(true);
    write('package-lock.json', lock({ ...wanted, 'node_modules/more': tool }));
    expect(installIsCurrent(root)).toBe(false);
  });

  it('is of one machine: another Node interface or processor installs again', () => {
    write('package-lock.json', lock(wanted));
    write('node_modules/.package-lock.json', lock(found));
    writeInstallStamp(root);
    const { platform, arch, versions } = process;
    expect(installIsCurrent(root, { platform, arch, versions })).toBe(true);
    expect(installIsCurrent(root, { platform, arch, versions: { modules: '1' } })).toBe(false);
    expect(installIsCurrent(root, { platform, arch: 'other', versions })).toBe(false);
  });

  it('is not needed where npm itself has noted all that the lock wants for this machine', () => {
    write('package-lock.json', lock(wanted));
    write('node_modules/.package-lock.json', lock(found));
    expect(installIsCurrent(root, here)).toBe(true);
    expect(installIsCurrent(root, { ...here, platform: 'win32' })).toBe(false);
  });

  it.each([
    ['a package is missing', { 'node_modules/for-linux': forLinux }],
    ["this machine's platform package is missing", { 'node_modules/tool': tool }],
    ['a version is another', { ...found, 'node_modules/tool': { version: '2.0.0' } }],
    ['a package is left over', { ...found, 'node_modules/old': tool }],
  ])('is needed where %s', (_, packages) => {
    write('package-lock.json', lock(wanted));
    write('node_modules/.package-lock.json', lock(packages));
    expect(installIsCurrent(root, here)).toBe(false);
  });

  it('is needed where npm was killed before it noted anything', () => {
    write('package-lock.json', lock(wanted));
    write('node_modules/tool/index.js', '');
    expect(installIsCurrent(root, here)).toBe(false);
  });
});

describe('the stamp of a build', () => {
  beforeEach(() => {
    write('src/app/main.ts', 'export {};');
    write('package.json', '{}');
  });

  it('is the same for the same content and changes with every input', () => {
    const first = buildStamp(root);
    write('src/app/main.ts', 'export {};');
    expect(buildStamp(root)).toBe(first);
    const changes = [
      ['src/app/main.ts', 'export {} ;'],
      ['src/app/more.sql', 'select 1'],
      ['package.json', '{ }'],
      ['tsconfig.json', '{}'],
    ] as const;
    const stamps = changes.map(([file, text]) => {
      write(file, text);
      return buildStamp(root);
    });
    expect(new Set([first, ...stamps]).size).toBe(5);
  });

  it('tells a moved line from an unmoved one between two files', () => {
    write('src/a.ts', 'one');
    write('src/b.ts', 'two');
    const first = buildStamp(root);
    write('src/a.ts', '');
    write('src/b.ts', 'onetwo');
    expect(buildStamp(root)).not.toBe(first);
  });

  it('makes a build current until a source changes', () => {
    expect(buildIsCurrent(root)).toBe(false);
    write('dist/.weir-stamp', buildStamp(root));
    expect(buildIsCurrent(root)).toBe(true);
    write('src/app/main.ts', 'export const changed = 1;');
    expect(buildIsCurrent(root)).toBe(false);
  });
});

describe('the npm that is started', () => {
  const execPath = path.join(path.sep, 'node', 'bin', 'node');
  const own = path.join(path.sep, 'node', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js');

  it('is the one that started us', () => {
    const outer = path.join(path.sep, 'elsewhere', 'npm-cli.js');
    const effects = { env: { npm_execpath: outer }, execPath, exists: () => true };
    expect(npmCommand(['ci'], effects)).toMatchObject({ command: execPath, args: [outer, 'ci'] });
  });

  it('is that of this Node when another package manager started us', () => {
    const effects = { env: { npm_execpath: '/pnpm/pnpm.cjs' }, execPath, exists: (file: string) => file === own };
    expect(npmCommand(['ci'], effects)).toMatchObject({ command: execPath, args: [own, 'ci'] });
  });

  it('is looked up by name when it lies nowhere near Node', () => {
    expect(npmCommand(['ci'], { env: {}, execPath, exists: () => false })).toMatchObject({
      command: 'npm',
      args: ['ci'],
    });
  });

  it('gets none of the settings of the outer command, and all that say where packages come from', () => {
    const kept = { PATH: '/bin', npm_config_registry: 'r', npm_config_https_proxy: 'p', npm_config_cache: 'c' };
    const dropped = {
      npm_config_prefix: '/elsewhere',
      npm_config_omit: 'dev',
      npm_config_global: 'true',
      npm_config_dry_run: 'true',
      npm_lifecycle_event: 'prestart',
      npm_package_name: 'weir',
      NODE_ENV: 'production',
    };
    expect(npmEnvironment({ ...kept, ...dropped })).toEqual({ ...kept, WEIR_PREPARING: '1' });
  });
});

describe('a problem of the machine', () => {
  it('in writing names the folder and what to do', () => {
    const missing = path.join(root, 'missing');
    expect(() => assertWritable(missing)).toThrow(`Weir cannot write into ${missing}`);
    expect(() => assertWritable(root)).not.toThrow();
  });

  it('with room says how much is needed and how much is left, before anything is installed', () => {
    expect(() => assertRoomToInstall(root, 12e6)).toThrow(/need about 800 MB .* only 12 MB are free/);
    expect(() => assertRoomToInstall(root, 900e6)).not.toThrow();
  });

  it.each([
    ['npm error code ENOSPC', 'The disk is full'],
    ['write failed: No space left on device', 'The disk is full'],
    ['npm error code EACCES', 'this user may not write'],
    ["EROFS: read-only file system, mkdir 'node_modules'", 'is mounted read-only'],
  ])('is read from what a step printed: %s', (output, words) => {
    const message = explainFailure('install', { output }, { root, freeBytes: 1e9 });
    expect(message).toContain('The install failed.');
    expect(message).toContain(words);
    expect(message).toContain(output);
  });

  it('is told from the disk where the step said nothing of it', () => {
    expect(explainFailure('build', { output: 'killed' }, { root, freeBytes: 100 })).toContain('The disk is full');
  });

  it('that is none is answered with the next move', () => {
    const where = { root, freeBytes: 1e9 };
    expect(explainFailure('install', { output: 'ENOTFOUND' }, where)).toContain('check the connection');
    expect(explainFailure('build', { output: 'TS2304' }, where)).toContain('npm run build');
  });
});

describe('preparing one folder twice at a time', () => {
  it('lets the second wait for the first', async () => {
    const order: string[] = [];
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const first = withFolderToOurselves(root, () => held.then(() => order.push('first')));
    const second = withFolderToOurselves(root, () => order.push('second'));
    expect(readFileSync(lockFile(root), 'utf8')).toBe(String(process.pid));
    release();
    await Promise.all([first, second]);
    expect(order).toEqual(['first', 'second']);
    expect(existsSync(lockFile(root))).toBe(false);
  });

  it('takes over from a process that was killed', async () => {
    const killed: ChildProcess = spawn(process.execPath, ['-e', '']);
    await once(killed, 'exit');
    writeFileSync(lockFile(root), String(killed.pid));
    await expect(withFolderToOurselves(root, () => 'done')).resolves.toBe('done');
  });

  it('gives the folder back when the work throws', async () => {
    await expect(
      withFolderToOurselves(root, () => {
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    expect(existsSync(lockFile(root))).toBe(false);
  });
});

describe('prepare', () => {
  const copyScripts = () => {
    for (const folder of ['scripts', 'bin'])
      cpSync(path.join(repository, folder), path.join(root, folder), { recursive: true });
    write('package.json', '{}');
    write('src/app/main.ts', 'export {};');
    write('package-lock.json', JSON.stringify({ packages: {} }));
    write('node_modules/.package-lock.json', JSON.stringify({ packages: {} }));
  };

  it('says nothing and does nothing when all is current, from whatever folder it is started', async () => {
    copyScripts();
    write('dist/.weir-stamp', buildStamp(root));
    const result = await run(process.execPath, [path.join(root, 'scripts/prepare.mjs')], { cwd: tmpdir() });
    expect(result).toMatchObject({ stdout: '', stderr: '' });
  });

  it('builds what changed, and leaves the last good build where it is when that fails', async () => {
    copyScripts();
    write('dist/.weir-stamp', 'old');
    const failed = run(process.execPath, [path.join(root, 'scripts/prepare.mjs')], { cwd: tmpdir() });
    await expect(failed).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringContaining('weir: building'),
      stderr: expect.stringContaining('The build failed.'),
    });
    expect(readFileSync(path.join(root, 'dist/.weir-stamp'), 'utf8')).toBe('old');
  });

  it('does nothing inside an npm that it started itself', async () => {
    copyScripts();
    const env = { ...process.env, WEIR_PREPARING: '1' };
    const result = await run(process.execPath, [path.join(root, 'scripts/prepare.mjs')], { env });
    expect(result).toMatchObject({ stdout: '', stderr: '' });
  });
});

describe('the command weir', () => {
  it('says how to build when nothing is built', async () => {
    cpSync(path.join(repository, 'bin'), path.join(root, 'bin'), { recursive: true });
    await expect(run(process.execPath, [path.join(root, 'bin/weir.mjs')])).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('npm run build'),
    });
  });

  it('runs what is built, through a link to it as npm makes one, with traces that name the sources', async () => {
    cpSync(path.join(repository, 'bin'), path.join(root, 'bin'), { recursive: true });
    const source = 'const text: string = process.argv[2];\n\nfunction fail(): never {\n  throw new Error(text);\n}\n';
    write('src/part.ts', `${source}try { fail(); } catch (error) { console.log(error.stack); }\n`);
    const built = { absWorkingDir: root, logLevel: 'silent', minify: true, format: 'esm' } as const;
    await build({ ...built, entryPoints: ['src/part.ts'], outfile: 'dist/part.js', sourcemap: true });
    await build({ ...built, entryPoints: ['src/part.ts'], outfile: 'dist/inline.js', sourcemap: 'inline' });
    write('dist/bare.js', 'console.log(new Error("bare").stack);');
    write('dist/app/main.js', "import '../part.js';\nimport '../inline.js';\nimport '../bare.js';\n");
    write('package.json', '{"type":"module"}');
    symlinkSync(path.join(root, 'bin/weir.mjs'), path.join(root, 'weir'));
    const { stdout } = await run(process.execPath, [path.join(root, 'weir'), 'serve']);
    const real = pathToFileURL(realpathSync(root)).href;
    const places = [...stdout.matchAll(/^(?:Error: (\w+)| {4}at (?:\w+ \()?(\S+?)\)?)$/gm)].map(
      ([, said, at]) => said ?? at,
    );
    const part = ['serve', `${real}/src/part.ts:4:9`, `${real}/src/part.ts:6:7`];
    expect(places.filter((each) => !each?.startsWith('node:'))).toEqual([
      ...part,
      ...part,
      'bare',
      `${real}/dist/bare.js:1:13`,
    ]);
  });
});
