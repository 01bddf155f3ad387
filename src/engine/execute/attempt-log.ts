import { ADDRESS_LENGTH_MAX, withoutCredentials } from '#store';
import { clean } from '../define/failure.ts';
import { leftOut } from '../records/read-logs.ts';

/** Half of it is kept from the beginning of a log, half from its end. */
export const LOG_LENGTH_MAX = 64 * 1024;

export type PrintedStream = 'stdout' | 'stderr';

/** A bounded log: the first lines and the last lines stay, the middle goes. */
export interface AttemptLog {
  add(message: string): void;
  /** What was printed, in pieces as they come; each line is one of the log, under the name of its stream. */
  print(stream: PrintedStream, text: string): void;
  text(): string;
  /** Calls back each time something is added; one callback. */
  whenAdded(callback: () => void): void;
}

export function createAttemptLog(): AttemptLog {
  const half = LOG_LENGTH_MAX / 2;
  const head: string[] = [];
  const tail: string[] = [];
  const begun: Record<PrintedStream, string> = { stdout: '', stderr: '' };
  let headLength = 0;
  let tailLength = 0;
  let droppedLines = 0;
  let added = (): void => undefined;
  const keep = (message: string): void => {
    const line = clean(message, half);
    if (droppedLines === 0 && tail.length === 0 && headLength + line.length <= half) {
      head.push(line);
      headLength += line.length + 1;
      return;
    }
    tail.push(line);
    tailLength += line.length + 1;
    while (tailLength > half) {
      tailLength -= (tail.shift()?.length ?? 0) + 1;
      droppedLines++;
    }
  };
  return {
    add: (message) => {
      // Plain JavaScript may log anything.
      keep(typeof message === 'string' ? message : String(message));
      added();
    },
    print: (stream, text) => {
      const lines = `${begun[stream]}${text}`.split('\n');
      const last = lines.pop() ?? '';
      for (const line of lines) keep(printed(stream, line));
      begun[stream] = last;
      if (last.length >= half) {
        // A line without end is told in parts, but no address in two: its end alone would not show that it is one.
        const shown = withoutCredentials(last);
        keep(printed(stream, shown.slice(0, -ADDRESS_LENGTH_MAX)));
        begun[stream] = shown.slice(-ADDRESS_LENGTH_MAX);
      }
      added();
    },
    text: () => {
      const dropped = droppedLines === 0 ? [] : [leftOut(droppedLines)];
      const open = STREAMS.filter((stream) => begun[stream] !== '').map((stream) =>
        clean(printed(stream, begun[stream]), half),
      );
      return [...head, ...dropped, ...tail, ...open].join('\n');
    },
    whenAdded: (callback) => {
      added = callback;
    },
  };
}

const STREAMS: readonly PrintedStream[] = ['stdout', 'stderr'];

/** As a terminal shows it: what a carriage return goes back over is replaced. */
function printed(stream: PrintedStream, line: string): string {
  const whole = line.endsWith('\r') ? line.slice(0, -1) : line;
  return `[${stream}] ${whole.slice(whole.lastIndexOf('\r') + 1)}`;
}

/** What two logs of one attempt say together. */
export const joinLogs = (one: string, other: string): string => [one, other].filter((text) => text !== '').join('\n');

/** Logs that are followed, told once more when the process ends: a task may end it. */
const followed = new Set<() => unknown>();

/** How often a log that grows is told at most, in milliseconds. */
const TOLD_EVERY_MS = 500;

/** How much of the logs of a large batch is sent in a second, in thousands of characters. */
const TOLD_LENGTH_PER_MS = 1_000;

/** Tells a log while it grows. The result ends it. */
export function followLog(log: AttemptLog, tell: (text: string) => void): () => void {
  return followLogs([log], (_, text) => tell(text));
}

/**
 * Tells logs while they grow, each by its place: what comes after a pause at once, the rest together, and the longer they
 * are the more seldom. The result ends it.
 */
export function followLogs(logs: readonly AttemptLog[], tell: (place: number, text: string) => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  const grown = new Set<number>();
  const tellRest = (): number => {
    let length = 0;
    for (const place of grown) {
      const text = logs[place]?.text() ?? '';
      length += text.length;
      tell(place, text);
    }
    grown.clear();
    return length;
  };
  const tellNow = (): void => {
    const pauseMs = Math.max(TOLD_EVERY_MS, tellRest() / TOLD_LENGTH_PER_MS);
    timer = setTimeout(() => {
      timer = undefined;
      if (grown.size > 0) tellNow();
    }, pauseMs);
    timer.unref();
  };
  if (followed.size === 0) process.once('exit', tellAll);
  followed.add(tellRest);
  for (const [place, log] of logs.entries())
    log.whenAdded(() => {
      grown.add(place);
      if (timer === undefined) tellNow();
    });
  return () => {
    for (const log of logs) log.whenAdded(() => undefined);
    clearTimeout(timer);
    followed.delete(tellRest);
    if (followed.size === 0) process.off('exit', tellAll);
  };
}

function tellAll(): void {
  for (const tellRest of followed) tellRest();
}
