import { spawnSync } from 'node:child_process';
import { chmod, chown, cp, mkdtemp, readdir, readFile, readlink, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runWeir } from '../app/cli/commands/run-weir.ts';
import {
  postgresFolderOf,
  removeProject,
  type StartedProcess,
  spawnWeir,
  startWeir,
  type WeirProcess,
} from './weir-process.ts';

type Command = readonly [string, ...string[]];

/** What runs a command as a user who is not root; undefined where root cannot, or where that user may not read this clone. */
export const AS_PLAIN_USER: readonly string[] | undefined = maybePlainUser();
export const PLAIN_USER = 65_534;
export const isRoot = process.getuid?.() === 0;

function maybePlainUser(): readonly string[] | undefined {
  if (process.getuid?.() !== 0) return [];
  const command = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] as const;
  const [program, ...words] = [...command, 'test', '-r', path.resolve('bin/weir.mjs')] as const;
  return spawnSync(program, words).status === 0 ? [...command] : undefined;
}

export interface StartRequest {
  /** What the command is run through, to be another user. */
  readonly as?: readonly string[];
  readonly port?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** A project of its own for one test, in a folder that everybody may enter. */
export class StartWorld {
  readonly project: string;

  private constructor(project: string) {
    this.project = project;
  }

  static async make(): Promise<StartWorld> {
    const root = await realpath(await mkdtemp(path.join(tmpdir(), 'weir-start-')));
    await chmod(root, 0o755);
    const project = path.join(root, 'project');
    await cp('test/fixtures/harvest', project, { recursive: true });
    return new StartWorld(project);
  }

  get state(): string {
    return path.join(this.project, '.weir');
  }

  async giveTo(user: number): Promise<void> {
    if (!isRoot) return;
    await chown(this.project, user, user);
    for (const name of await readdir(this.project, { recursive: true }))
      await chown(path.join(this.project, name), user, user);
  }

  command({ as = [], port = 0 }: StartRequest): Command {
    const words = [...as, 'node', 'bin/weir.mjs', 'serve', '--project', this.project, '--port', String(port)];
    return [words[0] ?? 'node', ...words.slice(1)];
  }

  start(options: StartRequest = {}): Promise<WeirProcess> {
    return startWeir({ cwd: process.cwd(), command: this.command(options), env: options.env ?? {} });
  }

  spawn(options: StartRequest = {}): StartedProcess {
    return spawnWeir({ cwd: process.cwd(), command: this.command(options), env: options.env ?? {} });
  }

  /** Starts what must not come up, and answers with everything it printed, its exit code first. */
  async refusal(options: StartRequest = {}): Promise<string> {
    try {
      const weir = await this.start(options);
      await weir.stop();
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    throw new Error('Expected the start to be refused, but Weir came up.');
  }

  /** The same within this process, for what is refused before anything is started. */
  async refusalHere(env: Readonly<Record<string, string>> = {}): Promise<string> {
    const { code, out, err } = await runWeir(['serve', '--project', this.project, '--port', '0'], '.', env);
    return `weir ended with ${code}:\n${out}${err}`;
  }

  async postgresPid(): Promise<number> {
    return Number(
      (await readFile(path.join(await postgresFolderOf(this.project), 'data', 'postmaster.pid'), 'utf8')).split(
        '\n',
      )[0],
    );
  }

  /** Command lines of all processes that name this project or its database; needs /proc. */
  async leftovers(): Promise<readonly string[]> {
    const names = [this.project, await postgresFolderOf(this.project)];
    const found: string[] = [];
    for (const entry of await readdir('/proc').catch(() => [])) {
      if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue;
      const line = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
      const environment = await readFile(`/proc/${entry}/environ`, 'utf8').catch(() => '');
      // The database server's command line does not say where its data are: it works there.
      const folder = await readlink(`/proc/${entry}/cwd`).catch(() => '');
      if (names.some((name) => [line, environment, folder].some((text) => text.includes(name))))
        found.push(`${entry} ${line.replaceAll('\0', ' ')}`);
    }
    return found;
  }

  remove(): Promise<void> {
    return removeProject(this.project, path.dirname(this.project));
  }
}
