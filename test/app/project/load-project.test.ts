import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadBuiltProject, loadModule, loadProject } from '../../../src/app/project/load-project.ts';
import { contractIdentity } from '../../../src/pipelines/contract-identity.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'weir-load-project-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), text);
  }
}

async function link(from: string, to: string): Promise<void> {
  await mkdir(path.dirname(path.join(folder, from)), { recursive: true });
  await symlink(path.join(folder, to), path.join(folder, from));
}

const project = (imports: string, title: string): string =>
  `import { defineProject } from 'weir';\n${imports}\nexport default defineProject({ name: 'words', title: ${title} });\n`;
const load = async (at = 'app', state = path.join(folder, at, '.weir')) =>
  (await loadProject(path.join(folder, at), state)).project.title;

describe('a project', () => {
  it('imports a package of its workspace that is written in TypeScript, and what that depends on', async () => {
    await write({
      'app/project.ts': project(`import { title } from '@team/words';`, 'title'),
      'packages/words/package.json': JSON.stringify({ name: '@team/words', exports: './src/index.ts' }),
      'packages/words/src/index.ts': `import { plain } from 'plain';\nimport { rest } from './rest';\nexport const title: string = plain + rest;\n`,
      'packages/words/src/rest.ts': `export const rest = ' words';\n`,
      'packages/words/node_modules/plain/package.json': JSON.stringify({ type: 'module', exports: './main.js' }),
      'packages/words/node_modules/plain/main.js': `export const plain = 'Plain';\n`,
    });
    await link('node_modules/@team/words', 'packages/words');
    expect(await load()).toBe('Plain words');
  });

  it('means the Weir that runs, also where a clone of it is linked', async () => {
    await write({
      'app/project.ts': project('', `'Own'`),
      'clone/package.json': JSON.stringify({ name: 'weir', type: 'module', exports: './index.js' }),
      'clone/index.js': `import 'not-installed-here';\n`,
    });
    await link('app/node_modules/weir', 'clone');
    expect(await load()).toBe('Own');
  });

  it('finds its packages though its state is kept elsewhere', async () => {
    await write({
      'app/project.ts': project(`import { plain } from 'plain';`, 'plain'),
      'app/node_modules/plain/package.json': JSON.stringify({ main: 'main.cjs' }),
      'app/node_modules/plain/main.cjs': `exports.plain = 'Plain';\n`,
    });
    expect(await load('app', path.join(folder, 'state'))).toBe('Plain');
  });

  it('says in which of its files a mistake is', async () => {
    await write({ 'app/project.ts': project(`import './part.ts';`, `''`), 'app/part.ts': '\nconst = 1;\n' });
    await expect(load()).rejects.toThrow(/project\.ts does not build:\n {2}\S*app\/part\.ts:2: Expected identifier/);
  });
});

describe('the identity of a contract with functions', () => {
  const limits = (
    uses: string,
  ): string => `import { category, defineContract, defineProject, fromSql, integer, knn, satisfies } from 'weir';
import { isSmall } from './small.ts';
const contract = defineContract({
  name: 'words',
  columns: { id: integer({ role: 'id', unique: true }), length: integer(), kind: category(['a', 'b'], { role: 'label' }) },
  expectations: [satisfies('small', { columns: ['length'], holds: (row) => isSmall(Number(row.length))${uses} })],
});
const training = fromSql({ connection: 'own', sql: 'words.sql' });
export default defineProject({ name: 'words', title: 'Words', contract, estimator: knn({ k: 3 }), training });
`;
  const identityWith = async (uses: string, small: string) => {
    await write({
      'app/project.ts': limits(uses),
      'app/small.ts': `export const isSmall = (length: number) => ${small};\n`,
    });
    const { project: loaded, module } = await loadProject(path.join(folder, 'app'), path.join(folder, 'state'));
    const again = await loadBuiltProject(module, path.join(folder, 'app', 'project.ts'));
    const contracts = [loaded.contract, again.contract].filter((contract) => contract !== undefined);
    const [one, other] = contracts.map(contractIdentity);
    expect([contracts.length, one]).toEqual([2, other]);
    return one;
  };

  it('changes with any code of the project, unless they say what they use', async () => {
    const open = await identityWith('', 'length < 10');
    expect(await identityWith('', 'length < 10')).toBe(open);
    expect(await identityWith('', 'length < 20')).not.toBe(open);
    const closed = await identityWith(', uses: []', 'length < 10');
    expect(await identityWith(', uses: []', 'length < 20')).toBe(closed);
    const stated = await identityWith(', uses: [isSmall]', 'length < 10');
    expect(await identityWith(', uses: [isSmall]', 'length < 20')).not.toBe(stated);
  });
});

describe('a module', () => {
  it('keeps the address of its own file in what it bundles', async () => {
    await write({
      'a.ts': `export { at } from './part/b.ts';`,
      'part/b.ts': 'export const at = import.meta.filename;',
    });
    const { at } = await loadModule(path.join(folder, 'a.ts'), { stateFolder: path.join(folder, 'state') });
    expect(at).toBe(path.join(folder, 'part/b.ts'));
  });
});
