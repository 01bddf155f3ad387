import { dirname, join } from 'node:path/posix';
import { cyclesIn } from './arrows.ts';
import type { SourceFile } from './source-file.ts';

type Floors = Readonly<Record<string, readonly (readonly string[])[]>>;

interface RoomArrow {
  readonly file: string;
  readonly part: string;
  /** `undefined` for a file beside the rooms. */
  readonly from: string | undefined;
  readonly to: string | undefined;
}

/** Finds imports that go up, or to a room of the same floor, and rooms that are on no floor. */
export function findUpwardImports(files: readonly SourceFile[], floors: Floors): readonly string[] {
  const levelOf = (part: string, room: string | undefined): number => {
    const own = floors[part] ?? [];
    const level = room === undefined ? own.length : own.findIndex((rooms) => rooms.includes(room));
    // Of a room on no floor nothing else is said.
    return level === -1 ? Number.NaN : level;
  };
  const rooms = new Set(files.flatMap(({ path }) => maybeRoomOf(path) ?? []));
  const listed = Object.entries(floors).flatMap(([part, each]) => each.flat().map((room) => `${part}/${room}`));
  return [
    ...[...rooms]
      .filter((room) => Object.hasOwn(floors, room.split('/')[0] ?? '') && !listed.includes(room))
      .map((room) => `src/${room} is on no floor`),
    ...listed.filter((room) => !rooms.has(room)).map((room) => `src/${room} is on a floor, but it is not there`),
    ...roomArrows(files)
      .filter(({ part, from, to }) => Object.hasOwn(floors, part) && levelOf(part, to) >= levelOf(part, from))
      .map(({ file, to }) => `${file} imports from ${to ?? 'beside the rooms'}, which is not below it`),
  ];
}

/** Finds rooms of one part that import each other, and parts that are listed as if they had such rooms. */
export function findRoomCycles(files: readonly SourceFile[], notYet: readonly string[]): readonly string[] {
  const byPart = new Map<string, Map<string, Set<string>>>();
  for (const { part, from, to } of roomArrows(files)) {
    if (from === undefined || to === undefined) continue;
    const rooms = byPart.get(part) ?? new Map<string, Set<string>>();
    byPart.set(part, rooms);
    rooms.set(from, (rooms.get(from) ?? new Set()).add(to));
  }
  const cycles = new Map(
    [...byPart].map(([part, rooms]) => [part, cyclesIn(new Map([...rooms].map(([room, to]) => [room, [...to]])))]),
  );
  return [
    ...[...cycles].flatMap(([part, found]) =>
      notYet.includes(part) ? [] : found.map((cycle) => `rooms of ${part} import each other: ${cycle}`),
    ),
    ...notYet
      .filter((part) => (cycles.get(part) ?? []).length === 0)
      .map((part) => `${part} has no rooms that import each other: take it off the list`),
  ];
}

/** `part/room`, or `undefined` for a file in no room. */
function maybeRoomOf(path: string): string | undefined {
  return /^src\/([^/]+\/[^/]+)\//.exec(path)?.[1];
}

/** Imports that leave their room without leaving their part. */
function roomArrows(files: readonly SourceFile[]): readonly RoomArrow[] {
  return files.flatMap((file) => {
    const [, part] = /^src\/([^/]+)\//.exec(file.path) ?? [];
    if (part === undefined) return [];
    const roomOf = (path: string): string | undefined => maybeRoomOf(path)?.slice(part.length + 1);
    const from = roomOf(file.path);
    return file.imports.flatMap(({ specifier }) => {
      if (!specifier.startsWith('.')) return [];
      const target = join(dirname(file.path), specifier);
      const to = roomOf(target);
      return target.startsWith(`src/${part}/`) && from !== to ? [{ file: file.path, part, from, to }] : [];
    });
  });
}
