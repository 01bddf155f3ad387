import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  findDefaultExports,
  findDomainWords,
  findHashing,
  findHiddenInputs,
  findHttpServers,
  findImpureCompilers,
  findMachinePaths,
  findOutsideWorld,
  findOverflowingShifts,
  findProjectNames,
  findUnfinished,
} from './architecture/absences.ts';
import {
  findCycles,
  findNodeBehindDoors,
  findUnusedArrows,
  findWrongImports,
  findWrongParts,
} from './architecture/arrows.ts';
import { findWrongNames } from './architecture/names.ts';
import { findRoomCycles, findUpwardImports } from './architecture/rooms.ts';
import { findOversize } from './architecture/sizes.ts';
import { readSources, type SourceFile } from './architecture/source-file.ts';

const arrows = { store: [], engine: ['store'], api: ['engine'], app: ['store', 'engine'] };
const rules = { arrows, typesOnly: ['api -> engine'], inBrowser: ['api'] };

// A small house in which nothing is wrong.
const GOOD = {
  'src/store/index.ts': "export { bytes } from './bytes.ts';\n",
  'src/store/bytes.ts':
    "import { readFileSync } from 'node:fs';\nexport const bytes = (file: string) => readFileSync(file);\n",
  'src/engine/index.ts':
    "import { bytes } from '#store';\nexport interface Goal { readonly task: string }\nexport const run = bytes;\n",
  'src/api/index.ts': "import type { Goal } from '#engine';\nexport type Wanted = Goal;\n",
  'src/app/index.ts':
    "import { bytes } from '#store';\nimport { run } from '#engine';\nexport const all = [bytes, run, process.env, process.argv];\n",
};

let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'weir-house-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function house(planted: Readonly<Record<string, string>> = {}): readonly SourceFile[] {
  for (const [file, text] of Object.entries({ ...GOOD, ...planted })) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
  return readSources(root, ['.']);
}

const lines = (count: number) => 'void 0;\n'.repeat(count);

describe('a house in order', () => {
  it('has nothing to be found', () => {
    const files = house();
    expect(files).toHaveLength(5);
    expect([
      ...findWrongParts(files, arrows),
      ...findWrongImports(files, rules),
      ...findUnusedArrows(files, arrows, []),
      ...findCycles(files, arrows),
      ...findOversize(files, []),
      ...findWrongNames(files),
      ...findDefaultExports(files),
      ...findUnfinished(files),
      ...findMachinePaths(files),
      ...findOverflowingShifts(files),
      ...findOutsideWorld(files),
      ...findHttpServers(files),
      ...findHashing(files, {}),
      ...findHiddenInputs(files),
      ...findDomainWords(files),
      ...findImpureCompilers(files, []),
      ...findProjectNames(files),
    ]).toEqual([]);
  });
});

describe('planted in the parts', () => {
  it.each([
    ['an eleventh part', { 'src/extra/index.ts': '' }, 'src/extra is not one of the parts'],
    ['a file beside the parts', { 'src/loose.ts': '' }, 'src/loose.ts belongs to no part'],
  ])('%s is found', (_, planted, fault) => expect(findWrongParts(house(planted), arrows)).toEqual([fault]));

  it('a part without folder and door is found', () => {
    expect(findWrongParts(house(), { ...arrows, ml: [], app: ['store', 'engine', 'ml'] })).toEqual([
      'src/ml is missing',
      'src/ml/index.ts is missing: a part that others import needs a door',
    ]);
  });

  it.each([
    ['an arrow against the direction', "import { run } from '#engine';", 'imports #engine: store may not'],
    ['its own door', "import { bytes } from '#store';", 'imports its own door #store: use a relative path'],
    [
      'a deep path behind a door',
      "export * from '#engine/key.ts';",
      'reaches behind the door with #engine/key.ts: import #engine',
    ],
    [
      'a relative path into another part',
      "import '../engine/index.ts';",
      'imports ../engine/index.ts, past the door of another part',
    ],
    [
      'a relative path out of src',
      "import '../../scripts/tools.mjs';",
      'imports ../../scripts/tools.mjs, past the door of another part',
    ],
    ['a path without its ending', "import './bytes';", 'imports ./bytes without its ending'],
    ['a door that is none', "import '#cellar';", 'imports #cellar, which is no part'],
    ['a door in a type alone', "export type T = import('#engine').Goal;", 'imports #engine: store may not'],
    ['a door imported late', "export const late = () => import('#engine');", 'imports #engine: store may not'],
  ])('%s is found', (_, text, fault) => {
    expect(findWrongImports(house({ 'src/store/wrong.ts': text }), rules)).toEqual([`src/store/wrong.ts ${fault}`]);
  });

  it.each([
    [
      'code where only types may come from',
      "import { run } from '#engine';",
      'takes code from #engine: api may take types only',
    ],
    ['a module of Node in the browser', "import 'node:fs';", 'imports node:fs, but api runs in a browser'],
  ])('%s is found', (_, text, fault) => {
    expect(findWrongImports(house({ 'src/api/wrong.ts': text }), rules)).toEqual([`src/api/wrong.ts ${fault}`]);
  });

  it('a second door is one where the table names it, and Node behind a door for browsers is found', () => {
    const wider = { ...arrows, api: ['engine', 'store/light'] };
    const files = house({
      'src/store/light/index.ts': "export { grams } from '../grams.ts';\nexport type { Bytes } from '../bytes.ts';\n",
      'src/store/grams.ts': "import { bytes } from './bytes.ts';\nexport const grams = bytes;\n",
      'src/api/light.ts': "import { grams } from '#store/light';\nexport const weight = grams;\n",
    });
    expect(findWrongImports(files, { ...rules, arrows: wider })).toEqual([]);
    expect(findWrongImports(files, rules)).toEqual([
      'src/api/light.ts reaches behind the door with #store/light: import #store',
    ]);
    expect(findNodeBehindDoors(files, ['store/light'])).toEqual([
      'src/store/bytes.ts imports node:fs, but #store/light is for browsers',
    ]);
  });

  it('an arrow that nobody uses is found, unless it is listed', () => {
    const wider = { ...arrows, api: ['engine', 'store'] };
    expect(findUnusedArrows(house(), wider, [])).toEqual([
      'api -> store is allowed but not used: take it out of the table',
    ]);
    expect(findUnusedArrows(house(), wider, ['api -> store'])).toEqual([]);
  });

  it.each(['api -> engine', 'store -> app'])('%s, listed as not used yet without need, is found', (arrow) => {
    const [fault] = findUnusedArrows(house(), arrows, [arrow]);
    expect(fault).toContain('take it off the list');
  });

  it('a cycle between files is found, through any number of them and through types', () => {
    const files = house({
      'src/engine/one.ts': "import './two.ts';",
      'src/engine/two.ts': "export * from './three.ts';",
      'src/engine/three.ts': "export type T = import('./one.ts').T;",
    });
    expect(findCycles(files, arrows)).toEqual([
      'files import each other: src/engine/one.ts -> src/engine/two.ts -> src/engine/three.ts -> src/engine/one.ts',
    ]);
  });

  it('a cycle through doors is found between files and in the table', () => {
    const files = house({ 'src/store/bytes.ts': "import { run } from '#engine';\nexport const bytes = run;\n" });
    expect(findCycles(files, { ...arrows, store: ['engine'] })).toEqual([
      'parts import each other: store -> engine -> store',
      expect.stringContaining('files import each other'),
    ]);
  });
});

describe('planted between the rooms of a part', () => {
  const floors = { engine: [['low'], ['middle', 'beside']] };
  const rooms = {
    'src/engine/low/one.ts': 'export const one = 1;',
    'src/engine/middle/two.ts': "import '../low/one.ts';",
    'src/engine/beside/three.ts': "import '../low/one.ts';",
    'src/engine/top.ts': "import './middle/two.ts';",
  };

  it('nothing is found while all imports go down', () => {
    expect(findUpwardImports(house(rooms), floors)).toEqual([]);
    expect(findRoomCycles(house(rooms), [])).toEqual([]);
  });

  it.each([
    ['src/engine/low/one.ts', '../middle/two.ts', 'middle'],
    ['src/engine/middle/two.ts', '../beside/three.ts', 'beside'],
    ['src/engine/low/one.ts', '../top.ts', 'beside the rooms'],
  ])('an import of %s from %s is found', (file, source, place) => {
    expect(findUpwardImports(house({ ...rooms, [file]: `import '${source}';` }), floors)).toEqual([
      `${file} imports from ${place}, which is not below it`,
    ]);
  });

  it('a room on no floor, and a floor without its room, are found', () => {
    expect(findUpwardImports(house(rooms), { engine: [['low'], ['middle'], ['attic']] })).toEqual([
      'src/engine/beside is on no floor',
      'src/engine/attic is on a floor, but it is not there',
    ]);
  });

  it('rooms that import each other are found, and a listed part that has none', () => {
    const files = house({ ...rooms, 'src/engine/low/one.ts': "import '../middle/two.ts';" });
    expect(findRoomCycles(files, [])).toEqual(['rooms of engine import each other: low -> middle -> low']);
    expect(findRoomCycles(files, ['engine', 'app'])).toEqual([
      'app has no rooms that import each other: take it off the list',
    ]);
  });
});

describe('planted in the code', () => {
  it.each([
    ['a file of 501 lines', lines(501), 'src/store/big.ts has 501 lines; the wall is 500'],
    [
      'a function of 71 lines',
      `function long() {\n${lines(69)}}`,
      'src/store/big.ts:1 long has 71 lines; the wall is 70',
    ],
    [
      'an arrow of 71 lines',
      `\nconst f = () => {\n${lines(69)}};`,
      'src/store/big.ts:2 a function has 71 lines; the wall is 70',
    ],
    [
      'a fourth positional parameter',
      'function wide(a: 1, { b }: { b: 2 }, c = 3, ...d: 4[]) {}',
      'src/store/big.ts:1 wide has 4 positional parameters; the wall is 3',
    ],
    [
      'a method with four',
      'class A { wide(a: 1, b: 2, c: 3, d: 4) {} }',
      'src/store/big.ts:1 a function has 4 positional parameters; the wall is 3',
    ],
  ])('%s is found', (_, text, fault) => {
    expect(findOversize(house({ 'src/store/big.ts': text }), [])).toEqual([fault]);
  });

  it('what reaches a wall without passing it is let through, and so are blocks of tests and folders of pure data', () => {
    const files = house({
      'src/store/five-hundred.ts': lines(500),
      'src/store/seventy.ts': `function full(this: 0, a: 1, b: 2, c: 3) {\n${lines(68)}}`,
      'test/long.test.ts': `describe.each([1])('x', () => {\n${lines(100)}});`,
      'test/suites/driver.ts': `export function testDriver(name: string) {\n  it(name, () => {});\n${lines(100)}}`,
      'src/store/callback.ts': "'text'.replace(/x/, (all, a, b, c) => all + a + b + c);",
      'src/store/tables/data.ts': lines(501),
    });
    expect(findOversize(files, ['src/store/tables'])).toEqual([]);
  });

  it('a folder of pure data that is not there is found', () => {
    expect(findOversize(house(), ['src/store/tables'])).toEqual([
      'src/store/tables is listed as pure data but holds no file: take it off the list',
    ]);
  });

  it.each([
    'src/store/utils/text.ts',
    'src/store/helpers.ts',
    'src/core/index.ts',
    'docs/misc.md',
    'src/store/bigFile.ts',
    'src/store/Folder/file.ts',
    'src/store/snake_case.sql',
    'src/store/Component.ts',
  ])('the name %s is found', (file) => {
    expect(findWrongNames(house({ [file]: '' }))).toHaveLength(1);
  });

  it.each(['src/web/RunGraph.tsx', 'README.md', '.github/workflows/ci.yml', 'src/store/a-b.test-d.ts'])(
    'the name %s is let through',
    (file) => expect(findWrongNames(house({ [file]: '' }))).toEqual([]),
  );

  it.each(['export default 1;', 'const a = 1;\nexport { a as default };'])(
    'the default export "%s" is found',
    (text) => {
      expect(findDefaultExports(house({ 'src/store/wrong.ts': text }))).toEqual([
        'src/store/wrong.ts has a default export',
      ]);
    },
  );

  it('a note to finish later is found in a comment, and a word of text is none', () => {
    const note = `// ${'TO'}DO: the rest`;
    const files = house({ 'src/store/a.ts': note, 'src/store/b.ts': `export const text = '${note}';` });
    expect(findUnfinished(files)).toEqual(['src/store/a.ts has a note to do something later']);
  });

  it('a shift that passes 31 bits is found, and one that does not is none', () => {
    const files = house({
      'src/store/a.ts': 'export const tooMany = 1 << 40;\n',
      'src/store/b.as': 'const negative: i32 = 1 << 31;\n',
      'src/store/c.ts': 'export const fine = (256 << 20) + (1 << 30);\n',
    });
    expect(findOverflowingShifts(files)).toEqual([
      'src/store/a.ts shifts beyond 31 bits: 1 << 40',
      'src/store/b.as shifts beyond 31 bits: 1 << 31',
    ]);
  });

  it.each([
    ['/wo', 'rk/main/x'],
    ['/ho', 'me/someone'],
    ['see sha', 'red/NOTES.md'],
  ])('the path %s%s is found', (...pieces) => {
    expect(findMachinePaths(house({ 'docs/a.md': `Look: ${pieces.join('')}\n` }))).toHaveLength(1);
  });
});

describe('planted where something is deliberately absent', () => {
  it.each([
    ['export const a = process.env;', 'env'],
    ["export const a = process['argv'];", 'argv'],
    ['globalThis.process.exit(1);', 'exit'],
    ['const { env: e } = process;', 'env'],
    ["import { exit } from 'node:process';", 'exit'],
  ])('"%s" outside app is found', (text, name) => {
    expect(findOutsideWorld(house({ 'src/store/wrong.ts': text }))).toEqual([
      `src/store/wrong.ts uses process.${name}; only src/app may`,
    ]);
  });

  it.each(['fastify', '@fastify/static', 'node:http', 'express'])('%s outside server is found', (name) => {
    const files = house({ 'src/engine/wrong.ts': `import '${name}';`, 'src/server/right.ts': `import '${name}';` });
    expect(findHttpServers(files)).toEqual([`src/engine/wrong.ts imports ${name}; only src/server serves HTTP`]);
  });

  it('hashing is found where it is not permitted, and a permission where nothing is hashed', () => {
    const text = "import { createHash } from 'node:crypto';\nexport const h = createHash;\n";
    const files = house({ 'src/engine/define/key.ts': text, 'src/engine/other.ts': text });
    expect(findHashing(files, { 'src/engine/define/key.ts': 'keys', 'src/store/bytes.ts': 'bytes' })).toEqual([
      'src/engine/other.ts hashes; only src/engine/define/key.ts makes keys',
      'src/store/bytes.ts may hash but does not',
    ]);
  });

  it.each(['Math.random()', 'Date.now()', 'new Date()', 'crypto.randomUUID()'])('%s in ml is found', (call) => {
    expect(findHiddenInputs(house({ 'src/ml/wrong.ts': `export const a = ${call};` }))).toHaveLength(1);
    expect(findHiddenInputs(house({ 'src/ml/wrong.ts': 'export const a = new Date(0);' }))).toEqual([]);
  });

  it('a word of the domain in store is found, as a word and not as letters', () => {
    const text =
      "import { pipeline } from 'node:stream';\nexport const modelVersions = pipeline;\nexport const remodelling = 2;\n";
    expect(findDomainWords(house({ 'src/store/wrong.ts': text }))).toEqual([
      'src/store/wrong.ts speaks of modelVersions; the store knows no word of the domain',
    ]);
  });

  it('the name of a project in the product is found', () => {
    const files = house({
      'examples/titanic/project.ts': '',
      'src/store/wrong.ts': 'export const TITANIC_ROWS = 1;',
      'src/store/project.ts': '',
    });
    expect(findProjectNames(files)).toEqual(['src/store/wrong.ts speaks of the project titanic']);
  });

  it('the world in a compiler is found, and a compiler that is gone', () => {
    const files = house({ 'src/contracts/compile.ts': "import { readFileSync } from 'node:fs';" });
    expect(findImpureCompilers(files, ['src/contracts/compile.ts', 'src/store/gone.ts'])).toEqual([
      'src/contracts/compile.ts imports node:fs; a compiler is pure',
      'src/store/gone.ts is listed as a compiler but is not there',
    ]);
  });
});

describe('reading sources', () => {
  it('refuses a file that cannot be parsed, rather than find nothing in it', () => {
    expect(() => house({ 'src/store/broken.ts': 'export const = ;' })).toThrow('src/store/broken.ts cannot be parsed');
  });
});
