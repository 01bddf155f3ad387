import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { cleanEnvironment } from '../e2e/weir-process.ts';

const run = promisify(execFile);

/** What the last stage of a Dockerfile says, once its steps have been run. */
export interface BuiltImage {
  /** The folder that stands for the root of its file system. */
  readonly root: string;
  readonly workingFolder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly user: string;
  /** What a container runs: its entry point and the command after it. */
  readonly command: readonly string[];
  readonly healthCheck: readonly string[];
}

interface Instruction {
  readonly name: string;
  readonly rest: string;
}

interface Stage extends BuiltImage {
  readonly args: Readonly<Record<string, string>>;
}

export interface Building {
  readonly dockerfile: string;
  /** The folder that is sent to the build. */
  readonly context: string;
  /** An empty folder, where each stage gets a folder of its own. */
  readonly into: string;
}

/**
 * Runs the steps of a Dockerfile in folders instead of containers, on the Node of this machine: FROM, ARG, ENV, WORKDIR, COPY
 * and RUN do what they do there, with absolute paths below the folder of their stage. There is no Docker on every machine that
 * runs the tests. An instruction that it does not know is an error.
 */
export async function buildImage({ dockerfile, context, into }: Building): Promise<BuiltImage> {
  const stages = new Map<string, Stage>();
  const globals: Record<string, string> = {};
  let stage: Stage | undefined;
  const ignored = await readIgnored(context);
  for (const { name, rest } of instructionsOf(await readFile(dockerfile, 'utf8'))) {
    if (name === 'FROM') {
      const alias = /\bAS (\w+)$/.exec(rest)?.[1] ?? `stage-${stages.size}`;
      const root = path.join(into, alias);
      await mkdir(root, { recursive: true });
      stage = { root, workingFolder: '/', environment: {}, user: 'root', command: [], healthCheck: [], args: globals };
      stages.set(alias, stage);
    } else if (stage === undefined) {
      Object.assign(globals, Object.fromEntries([keyAndValue(rest)]));
    } else {
      stage = await follow(stage, { name, rest }, { stages, context, ignored });
      stages.set([...stages.keys()].at(-1) ?? '', stage);
    }
  }
  if (stage === undefined) throw new Error(`Expected a stage in ${dockerfile}.`);
  return stage;
}

function instructionsOf(text: string): readonly Instruction[] {
  return text
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name = '', rest = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
      return { name, rest: rest.trim() };
    });
}

interface Around {
  readonly stages: ReadonlyMap<string, Stage>;
  readonly context: string;
  readonly ignored: (file: string) => boolean;
}

async function follow(stage: Stage, { name, rest }: Instruction, around: Around): Promise<Stage> {
  switch (name) {
    case 'ARG': {
      const [key, value] = keyAndValue(rest);
      return { ...stage, args: { ...stage.args, [key]: value || (stage.args[key] ?? '') } };
    }
    case 'ENV': {
      const pairs = rest.split(/\s+/).map((pair) => keyAndValue(expanded(pair, stage)));
      return { ...stage, environment: { ...stage.environment, ...Object.fromEntries(pairs) } };
    }
    case 'WORKDIR':
      await mkdir(path.join(stage.root, rest), { recursive: true });
      return { ...stage, workingFolder: rest };
    case 'COPY':
      await copy(stage, expanded(rest, stage), around);
      return stage;
    case 'RUN':
      await runStep(stage, rest);
      return stage;
    case 'USER':
      return { ...stage, user: rest };
    case 'ENTRYPOINT':
      return { ...stage, command: JSON.parse(rest) };
    case 'CMD':
      return { ...stage, command: [...stage.command, ...JSON.parse(rest)] };
    case 'HEALTHCHECK':
      return { ...stage, healthCheck: JSON.parse(rest.slice(rest.indexOf('CMD') + 'CMD'.length)) };
    case 'VOLUME':
    case 'EXPOSE':
      return stage;
    default:
      throw new Error(`Expected a known instruction; got ${name} ${rest}`);
  }
}

function keyAndValue(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function expanded(text: string, { args }: Stage): string {
  return text.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = args[name];
    if (value === undefined) throw new Error(`Expected a value of the argument ${name} in ${text}.`);
    return value;
  });
}

async function copy(stage: Stage, text: string, { stages, context, ignored }: Around): Promise<void> {
  const words = text.split(/\s+/);
  const fromFlag = words.find((word) => word.startsWith('--from='))?.slice('--from='.length);
  const paths = words.filter((word) => !word.startsWith('--'));
  const target = paths.at(-1) ?? '';
  const sources = paths.slice(0, -1);
  const from = fromFlag === undefined ? undefined : stages.get(fromFlag);
  if (fromFlag !== undefined && from === undefined)
    throw new Error(`Expected a stage ${fromFlag} before: COPY ${text}`);
  for (const source of sources) {
    const base = from?.root ?? context;
    const origin = path.join(base, source);
    const isFolder = (await stat(origin)).isDirectory();
    const place = path.resolve('/', stage.workingFolder, target);
    const isInto = !isFolder && (sources.length > 1 || target.endsWith('/'));
    await cp(origin, path.join(stage.root, isInto ? path.join(place, path.basename(source)) : place), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (file) => from !== undefined || !ignored(path.relative(base, file)),
    });
  }
}

/** In a shell, as Docker does, with what is absolute below the folder of the stage. Who is not root cannot give files away. */
async function runStep(stage: Stage, text: string): Promise<void> {
  const { root, workingFolder, environment } = stage;
  const step = text.replaceAll(/(?<=^|\s)\/(?=\w)/g, `${root}/`);
  const own = process.getuid?.() === 0 ? step : step.replaceAll(/ -[og] \d+/g, '');
  await run('/bin/sh', ['-ec', own], {
    cwd: path.join(root, workingFolder),
    env: cleanEnvironment({ ...environment, PATH: `${path.dirname(process.execPath)}:${process.env.PATH ?? ''}` }),
    maxBuffer: 1e8,
  });
}

/** Whether a file of the context is left out, by the patterns of .dockerignore that are used here: names, names anywhere, a last star. */
async function readIgnored(context: string): Promise<(file: string) => boolean> {
  const lines = (await readFile(path.join(context, '.dockerignore'), 'utf8')).split('\n').filter((line) => line !== '');
  const tests = lines.map((line) => {
    const isAnywhere = line.startsWith('**/');
    const pattern = isAnywhere ? line.slice('**/'.length) : line;
    const matches = (text: string): boolean =>
      pattern.endsWith('*') ? text.startsWith(pattern.slice(0, -1)) : text === pattern;
    return (file: string): boolean =>
      isAnywhere ? file.split('/').some(matches) : matches(file) || file.startsWith(`${pattern}/`);
  });
  return (file) => tests.some((test) => test(file));
}
