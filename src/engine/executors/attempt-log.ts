import { clean } from './failure.ts';

/** Half of it is kept from the beginning of a log, half from its end. */
export const LOG_LENGTH_MAX = 64 * 1024;

/** A bounded log: the first lines and the last lines stay, the middle goes. */
export interface AttemptLog {
  add(message: string): void;
  text(): string;
}

export function createAttemptLog(): AttemptLog {
  const half = LOG_LENGTH_MAX / 2;
  const head: string[] = [];
  const tail: string[] = [];
  let headLength = 0;
  let tailLength = 0;
  let droppedLines = 0;
  return {
    add: (message) => {
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
    },
    text: () => {
      const dropped = droppedLines === 0 ? [] : [`… ${droppedLines} lines left out …`];
      return [...head, ...dropped, ...tail].join('\n');
    },
  };
}
