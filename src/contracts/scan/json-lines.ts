import { isUtf8 } from 'node:buffer';
import { fieldsOfObject } from './json-object.ts';
import type { Fault } from './record-scanner.ts';
import { UndecodableError } from './undecodable-error.ts';

const LF = 10;
/** A line this many times longer than the record limit is not read to its end. */
const FAR_TOO_LONG = 16;

export interface JsonLine {
  /** Without its line end; valid during the call. */
  readonly bytes: Buffer;
  readonly line: number;
  readonly offset: number;
  readonly isTooLong: boolean;
}

export interface JsonLinesOptions {
  readonly recordBytesMax: number;
  readonly onLine: (line: JsonLine) => void;
  /** Between blocks, to write what was collected. */
  readonly onBlock?: () => Promise<void>;
}

/** Visits the lines that are not blank. */
export async function scanJsonLines(blocks: AsyncGenerator<Buffer>, options: JsonLinesOptions): Promise<void> {
  const { recordBytesMax, onLine, onBlock } = options;
  let carried: Buffer = Buffer.alloc(0);
  let line = 1;
  let offset = 0;
  const hand = (bytes: Buffer): void => {
    if (!isBlank(bytes)) onLine({ bytes, line, offset, isTooLong: bytes.length > recordBytesMax });
  };
  for await (const block of blocks) {
    const bytes = carried.length === 0 ? block : Buffer.concat([carried, block]);
    let at = 0;
    for (let end = bytes.indexOf(LF, carried.length); end >= 0; end = bytes.indexOf(LF, at)) {
      hand(bytes.subarray(at, end));
      offset += end + 1 - at;
      at = end + 1;
      line++;
    }
    if (bytes.length - at > recordBytesMax * FAR_TOO_LONG)
      throw new UndecodableError(`Line ${line} is far longer than a record may be.`);
    carried = Buffer.from(bytes.subarray(at));
    await onBlock?.();
  }
  hand(carried);
  await onBlock?.();
}

/** Only JSON white space. */
function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 32 || byte === 9 || byte === 13);
}

/** The fields of a line's object, or its fault. */
export function fieldsOfLine({ bytes, isTooLong }: JsonLine): ReadonlyMap<string, string> | Fault {
  if (isTooLong) return 'record-too-long';
  // Otherwise an invalid UTF-8 byte would be replaced silently.
  return isUtf8(bytes) ? fieldsOfObject(bytes.toString()) : 'invalid-utf-8';
}
