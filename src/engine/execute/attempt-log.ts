import { ADDRESS_LENGTH_MAX, withoutCredentials } from '#store';
import { clean } from '../define/failure.ts';
import { leftOut } from '../records/read-logs.ts';

/** Half of it is kept from the start of a log, half from its end. */
export const LOG_LENGTH_MAX = 64 * 1024;

export type PrintedStream = 'stdout' | 'stderr';

/** A bounded log: the first lines and the last lines stay, the middle goes. */
export interface AttemptLog {
  add(message: string): void;
  /** Adds printed text, in pieces as it arrives; each line becomes a line of the log, with the name of its stream. */
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
        // A very long line is split, but never within a URL: its second half would not be recognised as one.
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

/** As a terminal shows it: a carriage return overwrites the line. */
function printed(stream: PrintedStream, line: string): string {
  const whole = line.endsWith('\r') ? line.slice(0, -1) : line;
  return `[${stream}] ${whole.slice(whole.lastIndexOf('\r') + 1)}`;
}

/** Two logs of one attempt, joined. */
export const joinLogs = (one: string, other: string): string => [one, other].filter((text) => text !== '').join('\n');

/** Logs that are followed, sent once more when the process ends, because a task may end it. */
const followed = new Set<() => unknown>();

/** Shortest time between two reports of a growing log, in milliseconds. */
const TOLD_EVERY_MS = 500;

/** How much of the logs of a large batch is sent in a second, in thousands of characters. */
const TOLD_LENGTH_PER_MS = 1_000;

/** Reports a log while it grows. The returned function stops it. */
export function followLog(log: AttemptLog, tell: (text: string) => void): () => void {
  return followLogs([log], (_, text) => tell(text));
}

/**
 * Reports logs while they grow, each by its index: the first text after a pause at once, the rest together, and longer
 * logs less often. The returned function stops it.
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
