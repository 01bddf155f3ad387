import { mkdir, mkdtemp, realpath, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createCodeBuilder, loadBuiltTasks, type PackageLock } from '#engine';

type Files = Readonly<Record<string, string>>;

/** All of Weir that the tasks of such a project use. */
const WEIR = 'export const defineTask = (options) => options;\n';

/** A task whose result is `expression`. */
export const taskSaying = (expression: string, head = ''): string =>
  `import { defineTask } from 'weir';\n${head}\nexport const say = defineTask({ name: 'say', run: async () => ${expression} });\n`;
export const word = (text: string): string => `export const word = '${text}';\n`;
export const json = (value: unknown): string => JSON.stringify(value);

/** What the one task of a project gives. */
export interface Said {
  readonly said: unknown;
  readonly fingerprint: string;
  readonly packages: readonly string[];
  /** Whether it was bundled for that. */
  readonly isBundled: boolean;
}

/** A folder of sources with one task, which is built as a process of its own would. */
export interface CodeProject {
  readonly root: string;
  write(files: Files): Promise<void>;
  link(from: string, to: string): Promise<void>;
  say(options?: {
    readonly file?: string;
    readonly state?: string;
    readonly lock?: PackageLock;
    readonly root?: string;
  }): Promise<Said>;
  remove(): Promise<void>;
}

export async function createCodeProject(): Promise<CodeProject> {
  const outer = await realpath(await mkdtemp(path.join(os.tmpdir(), 'weir-code-project-')));
  const project = path.join(outer, 'project');
  const weir = path.join(outer, 'weir.mjs');
  await mkdir(project);
  await writeFile(weir, WEIR);
  return {
    root: project,
    write: async (files) => {
      for (const [file, text] of Object.entries(files)) {
        await mkdir(path.dirname(path.join(project, file)), { recursive: true });
        await writeFile(path.join(project, file), text);
      }
    },
    link: async (from, to) => {
      await mkdir(path.dirname(path.join(project, from)), { recursive: true });
      await unlink(path.join(project, from)).catch(() => undefined);
      await symlink(path.join(project, to), path.join(project, from));
    },
    say: async ({ file = 'tasks.ts', root = project, state = path.join(root, '.weir'), lock } = {}) => {
      let isBundled = false;
      const onBundle = (): void => {
        isBundled = true;
      };
      const weirUrl = pathToFileURL(weir).href;
      const options = { root, files: [file], folder: path.join(state, 'code'), weirUrl, ...(lock && { lock }) };
      const builder = await createCodeBuilder(options, { onBundle });
      const built = await builder.build();
      await builder.close();
      const { tasks } = await loadBuiltTasks(built);
      const [{ fingerprint, packages } = { fingerprint: '', packages: [] }] = built;
      return { said: await tasks[0]?.run({} as never), fingerprint, packages, isBundled };
    },
    remove: () => rm(outer, { recursive: true, force: true }),
  };
}
