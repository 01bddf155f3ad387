/** Stands in a bounded log for lines that were left out. */
const LEFT_OUT = /^… (\d+) lines left out …$/;

/** The line that stands for others in a bounded log. */
export const leftOut = (lines: number): string => `… ${lines} lines left out …`;

/**
 * The lines of a log that an earlier text of it had not, or not so far. Both may lack lines in their middle; those that
 * neither shows are told by a line of their own. A last line that grew comes again, whole.
 */
export function newLogLines(before: string, after: string): readonly string[] {
  const known = numbered(before);
  const lines: string[] = [];
  let next = known.count;
  for (const [place, line] of numbered(after).lines) {
    if (known.lines.get(place) === line) continue;
    if (place > next) lines.push(leftOut(place - next));
    lines.push(line);
    next = Math.max(next, place + 1);
  }
  return lines;
}

/** Lines by their place in the whole log. */
function numbered(log: string): { readonly lines: ReadonlyMap<number, string>; readonly count: number } {
  const lines = new Map<number, string>();
  let count = 0;
  for (const line of log === '' ? [] : log.split('\n')) {
    const dropped = LEFT_OUT.exec(line)?.[1];
    if (dropped === undefined) lines.set(count++, line);
    else count += Number(dropped);
  }
  return { lines, count };
}
