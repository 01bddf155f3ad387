import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';

const PLACE = /(file:\/\/[^\s()]+|\/[^\s():]+):(\d+):(\d+)/g;
const MAP = /\n\/\/# sourceMappingURL=(\S+)\s*$/;
const INLINE = /^data:application\/json[^,]*;base64,/;

/**
 * Makes stack traces name the lines of the sources. A map is read when a trace names its file: Node's own support reads
 * those of all files as they are loaded, which takes 25 ms of a command that never shows a trace.
 */
export function nameSourcesInTraces() {
  const maps = new Map();
  const mapOf = (file) => {
    if (!maps.has(file)) maps.set(file, maybeMap(file));
    return maps.get(file);
  };
  Error.prepareStackTrace = (error, frames) =>
    [
      headOf(error),
      ...frames.map((frame) => `    at ${frame}`.replace(PLACE, (...place) => sourcePlace(place, mapOf))),
    ].join('\n');
}

function headOf(error) {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    // As V8 says of what cannot be said.
    return '<error>';
  }
}

/** The place in the source of a place in what was built; the same place where there is no map. */
function sourcePlace([place, file, line, column], mapOf) {
  const map = mapOf(file);
  const entry = map?.lines.findEntry(Number(line) - 1, Number(column) - 1);
  if (entry?.originalSource === undefined) return place;
  return `${new URL(entry.originalSource, map.url).href}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
}

function maybeMap(file) {
  try {
    const url = new URL(file, 'file:');
    const address = MAP.exec(readFileSync(url, 'utf8'))?.[1];
    if (address === undefined) return undefined;
    const text = INLINE.test(address)
      ? Buffer.from(address.replace(INLINE, ''), 'base64').toString()
      : readFileSync(new URL(address, url), 'utf8');
    return { lines: new SourceMap(JSON.parse(text)), url };
  } catch {
    // Without its map, a trace names what was built, which is better than no trace.
    return undefined;
  }
}
