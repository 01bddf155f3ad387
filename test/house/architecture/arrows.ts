import { dirname, join } from 'node:path/posix';
import type { Arrows } from './parts.ts';
import type { Import, SourceFile } from './source-file.ts';

// Configuration of a tool that runs in Node, although it lies beside code for the browser.
const TOOL_CONFIG = /\.config\.ts$/;

/** Names the part a file belongs to, or `undefined` outside `src`. */
export function maybePartOf(path: string): string | undefined {
  return /^src\/([^/]+)\/./.exec(path)?.[1];
}

/** Finds folders of `src` that are no part, parts without a folder or door, and files that lie beside the parts. */
export function findWrongParts(files: readonly SourceFile[], arrows: Arrows): readonly string[] {
  const paths = new Set(files.map((file) => file.path));
  const found = new Set(files.flatMap((file) => maybePartOf(file.path) ?? []));
  return [
    ...[...found].filter((part) => arrows[part] === undefined).map((part) => `src/${part} is not one of the parts`),
    ...files.filter(({ path }) => /^src\/[^/]+$/.test(path)).map(({ path }) => `${path} belongs to no part`),
    ...Object.keys(arrows)
      .filter((part) => !found.has(part))
      .map((part) => `src/${part} is missing`),
    ...Object.values(arrows)
      .flat()
      .filter((part, index, all) => all.indexOf(part) === index && !paths.has(`src/${part}/index.ts`))
      .map((part) => `src/${part}/index.ts is missing: a part that others import needs a door`),
  ];
}

/** Finds imports that go where they may not. */
export function findWrongImports(
  files: readonly SourceFile[],
  { arrows, typesOnly, inBrowser }: { arrows: Arrows; typesOnly: readonly string[]; inBrowser: readonly string[] },
): readonly string[] {
  return files.flatMap((file) => {
    const part = maybePartOf(file.path);
    if (part === undefined) return [];
    return file.imports.flatMap((each) => {
      const target = maybeDoor(each.specifier);
      const fault =
        faultOfRelative(file.path, each.specifier) ??
        (target === undefined ? undefined : faultOfDoor(part, target, arrows)) ??
        (target !== undefined && typesOnly.includes(`${part} -> ${target}`) && !each.isTypeOnly
          ? `takes code from #${target}: ${part} may take types only`
          : undefined) ??
        (inBrowser.includes(part) && each.specifier.startsWith('node:') && !TOOL_CONFIG.test(file.path)
          ? `imports ${each.specifier}, but ${part} runs in a browser`
          : undefined);
      return fault === undefined ? [] : [`${file.path} ${fault}`];
    });
  });
}

/** Finds imports of Node or of another part in what a browser loads through a door. */
export function findNodeBehindDoors(files: readonly SourceFile[], doors: readonly string[]): readonly string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const paths = new Set(byPath.keys());
  return doors.flatMap((door) => {
    const reached = new Set([`src/${door}/index.ts`]);
    const faults: string[] = [];
    for (const path of reached)
      for (const each of byPath.get(path)?.imports ?? []) {
        if (each.isTypeOnly) continue;
        if (each.specifier.startsWith('.')) reached.add(maybeImportedFile(path, each, paths) ?? path);
        else faults.push(`${path} imports ${each.specifier}, but #${door} is for browsers`);
      }
    return faults;
  });
}

/** Lists the arrows between parts that imports use, as `from -> to`. */
export function arrowsUsed(files: readonly SourceFile[]): ReadonlySet<string> {
  return new Set(
    files.flatMap((file) => {
      const part = maybePartOf(file.path);
      if (part === undefined) return [];
      return file.imports.flatMap(({ specifier }) => {
        const target = maybeDoor(specifier);
        return target === undefined ? [] : [`${part} -> ${target}`];
      });
    }),
  );
}

/** Finds allowed arrows that nobody uses, and entries of the list of exceptions that no longer are any. */
export function findUnusedArrows(
  files: readonly SourceFile[],
  arrows: Arrows,
  notYetUsed: readonly string[],
): readonly string[] {
  const used = arrowsUsed(files);
  const allowed = Object.entries(arrows).flatMap(([from, targets]) => targets.map((to) => `${from} -> ${to}`));
  return [
    ...allowed
      .filter((arrow) => !used.has(arrow) && !notYetUsed.includes(arrow))
      .map((arrow) => `${arrow} is allowed but not used: take it out of the table`),
    ...notYetUsed
      .filter((arrow) => used.has(arrow) || !allowed.includes(arrow))
      .map((arrow) => `${arrow} is listed as not used yet, but it is used or not allowed: take it off the list`),
  ];
}

/** Finds cycles: between the parts as the table allows them, and between files through every import. */
export function findCycles(files: readonly SourceFile[], arrows: Arrows): readonly string[] {
  const paths = new Set(files.map((file) => file.path));
  const edges = new Map(
    files.map((file) => [file.path, file.imports.flatMap((each) => maybeImportedFile(file.path, each, paths) ?? [])]),
  );
  return [
    ...cyclesIn(new Map(Object.entries(arrows))).map((cycle) => `parts import each other: ${cycle}`),
    ...cyclesIn(edges).map((cycle) => `files import each other: ${cycle}`),
  ];
}

function maybeDoor(specifier: string): string | undefined {
  return specifier.startsWith('#') ? specifier.slice(1) : undefined;
}

function faultOfDoor(part: string, target: string, arrows: Arrows): string | undefined {
  if (arrows[part]?.includes(target) === true) return undefined;
  if (target.includes('/')) return `reaches behind the door with #${target}: import #${target.split('/')[0]}`;
  if (target === part) return `imports its own door #${part}: use a relative path`;
  if (arrows[target] === undefined) return `imports #${target}, which is no part`;
  return `imports #${target}: ${part} may not`;
}

function faultOfRelative(path: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  const target = join(dirname(path), specifier);
  if (maybePartOf(target) !== maybePartOf(path)) return `imports ${specifier}, past the door of another part`;
  return /\.[a-z]+(\?[a-z]+)?$/.test(specifier) ? undefined : `imports ${specifier} without its ending`;
}

function maybeImportedFile(path: string, { specifier }: Import, paths: ReadonlySet<string>): string | undefined {
  const door = maybeDoor(specifier);
  const target = door === undefined ? join(dirname(path), specifier) : `src/${door}/index.ts`;
  return (door !== undefined || specifier.startsWith('.')) && paths.has(target) ? target : undefined;
}

/** Walks depth first; a node met again while it is still open closes a cycle. */
export function cyclesIn(edges: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const cycles: string[] = [];
  const closed = new Set<string>();
  const walk = (node: string, open: readonly string[]): void => {
    if (open.includes(node)) {
      cycles.push([...open.slice(open.indexOf(node)), node].join(' -> '));
      return;
    }
    if (closed.has(node)) return;
    for (const next of edges.get(node) ?? []) walk(next, [...open, node]);
    closed.add(node);
  };
  for (const node of edges.keys()) walk(node, []);
  return cycles;
}
