/**
 * Ticks by looking at every minute, written with nothing but Intl. `minutes` and `hours` are those of the expression; a
 * `wild` one holds a star or a step in either field.
 */
interface Expression {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly wild: boolean;
  readonly timeZone: string;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

interface WallClock {
  readonly day: string;
  readonly hour: number;
  readonly minute: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();
const read = new Map<string, WallClock>();

function wallClock(moment: number, timeZone: string): WallClock {
  const name = `${timeZone} ${moment}`;
  const known = read.get(name) ?? readWallClock(moment, timeZone);
  read.set(name, known);
  return known;
}

function readWallClock(moment: number, timeZone: string): WallClock {
  let format = formats.get(timeZone);
  if (format === undefined) {
    const numeric = '2-digit' as const;
    const fields = { year: 'numeric', month: numeric, day: numeric, hour: numeric, minute: numeric } as const;
    format = new Intl.DateTimeFormat('en-CA', { timeZone, ...fields, hourCycle: 'h23' });
    formats.set(timeZone, format);
  }
  // As in "2026-03-29, 02:30".
  const text = format.format(moment);
  return { day: text.slice(0, 10), hour: Number(text.slice(-5, -3)), minute: Number(text.slice(-2)) };
}

/** Ticks in (after, until]. */
export function ticksByMinute(
  { minutes, hours, wild, timeZone }: Expression,
  span: { after: Date; until: Date },
): Date[] {
  const wanted = new Set(hours.flatMap((hour) => minutes.map((minute) => hour * 60 + minute)));
  const seen = new Set<string>();
  const ticks = new Set<number>();
  let before: number | undefined;
  // A day earlier, so that the first day of the span is known whole.
  const start = Math.floor((span.after.getTime() - DAY_MS) / MINUTE_MS) * MINUTE_MS;
  for (let moment = start; moment <= span.until.getTime(); moment += MINUTE_MS) {
    const { day, hour, minute } = wallClock(moment, timeZone);
    const now = hour * 60 + minute;
    // Wall-clock times that were jumped over come at the first moment after the gap.
    if (!wild && before !== undefined && now > before + 1)
      for (let gap = before + 1; gap < now; gap++) if (wanted.has(gap)) ticks.add(moment);
    before = now;
    if (!wanted.has(now)) continue;
    if (!wild && seen.has(`${day} ${now}`)) continue;
    seen.add(`${day} ${now}`);
    ticks.add(moment);
  }
  return [...ticks]
    .filter((tick) => tick > span.after.getTime() && tick <= span.until.getTime())
    .sort((a, b) => a - b)
    .map((tick) => new Date(tick));
}
