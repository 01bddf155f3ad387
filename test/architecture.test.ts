import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
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
} from './house/architecture/absences.ts';
import {
  findCycles,
  findNodeBehindDoors,
  findUnusedArrows,
  findWrongImports,
  findWrongParts,
} from './house/architecture/arrows.ts';
import { findBacktracking, findBuiltExpressions } from './house/architecture/backtracking.ts';
import { findWrongNames } from './house/architecture/names.ts';
import {
  BROWSER_DOORS,
  COMPILERS,
  FLOORS,
  IN_BROWSER,
  MAY_BACKTRACK,
  MAY_BUILD_EXPRESSIONS,
  MAY_HASH,
  MAY_IMPORT,
  NOT_YET_LAYERED,
  NOT_YET_USED,
  PURE_DATA,
  TYPES_ONLY,
} from './house/architecture/parts.ts';
import { findRoomCycles, findUpwardImports } from './house/architecture/rooms.ts';
import { findOversize } from './house/architecture/sizes.ts';
import { readSources } from './house/architecture/source-file.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const everything = readSources(root, ['.']).filter(({ path }) => path !== 'package-lock.json');
const code = everything.filter(({ path }) => /^(src|test|scripts|bin|bench|examples)\//.test(path));
const parts = everything.filter(({ path }) => path.startsWith('src/'));

// That each of these finds what it looks for is proven in test/house/architecture.test.ts.
describe('the parts', () => {
  it('are those of the table, each with a door', () => expect(findWrongParts(parts, MAY_IMPORT)).toEqual([]));
  it('import one another through doors, and only as the table allows', () => {
    const rules = { arrows: MAY_IMPORT, typesOnly: TYPES_ONLY, inBrowser: IN_BROWSER };
    expect(findWrongImports(parts, rules)).toEqual([]);
  });
  it('need nothing of Node behind a door for browsers', () =>
    expect(findNodeBehindDoors(parts, BROWSER_DOORS)).toEqual([]));
  it('use every arrow of the table', () => expect(findUnusedArrows(parts, MAY_IMPORT, NOT_YET_USED)).toEqual([]));
  it('have no cycles, nor have files', () => expect(findCycles(parts, MAY_IMPORT)).toEqual([]));
});

describe('the rooms of a part', () => {
  it('stand on floors and import downwards', () => expect(findUpwardImports(parts, FLOORS)).toEqual([]));
  it('have no cycles', () => expect(findRoomCycles(parts, NOT_YET_LAYERED)).toEqual([]));
});

describe('the code', () => {
  it('keeps within the walls of size', () => expect(findOversize(code, PURE_DATA)).toEqual([]));
  it('has names that say something', () => expect(findWrongNames(everything)).toEqual([]));
  it('has no default exports', () => expect(findDefaultExports(parts)).toEqual([]));
  it('holds no notes to finish it later', () => expect(findUnfinished(code)).toEqual([]));
  it('shifts no bit out of its number', () => expect(findOverflowingShifts(parts)).toEqual([]));
  it('matches each text in linear time', () => expect(findBacktracking(parts, MAY_BACKTRACK)).toEqual([]));
  it('builds no regular expression of what others write', () =>
    expect(findBuiltExpressions(parts, MAY_BUILD_EXPRESSIONS)).toEqual([]));
  it('names no path of one machine', () => expect(findMachinePaths(everything)).toEqual([]));
});

describe('what is deliberately absent', () => {
  it('environment, arguments and exit outside app', () => expect(findOutsideWorld(parts)).toEqual([]));
  it('HTTP servers outside server', () => expect(findHttpServers(parts)).toEqual([]));
  it('keys made outside engine/define/key.ts', () => expect(findHashing(parts, MAY_HASH)).toEqual([]));
  it('clock and dice in ml', () => expect(findHiddenInputs(parts)).toEqual([]));
  it('words of the domain in store', () => expect(findDomainWords(parts)).toEqual([]));
  it('projects in the product', () => expect(findProjectNames(everything)).toEqual([]));
  it('the world in compilers', () => expect(findImpureCompilers(parts, COMPILERS)).toEqual([]));
});
