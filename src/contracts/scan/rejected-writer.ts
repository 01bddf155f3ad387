import { isUtf8 } from 'node:buffer';
import type { ByteWriter } from './byte-writer.ts';
import type { Fault, RejectPlace } from './record-scanner.ts';

/** Longer lines are stored only as base64; shorter ones also as text, to be readable. */
const TEXT_BYTES_MAX = 2000;

const NOTHING = Buffer.alloc(0);

/** How many records of each fault are kept as examples, and how much of each. */
const FIRSTS_MAX = 5;
const FIRST_BYTES_MAX = 1000;

/** A rejected record, or its beginning when it is long. */
export interface RejectedRecord {
  readonly line: number;
  readonly text: string;
}

/**
 * Stores every rejected byte: one JSON object per line with `line`, `offset`, `reason`, `text` when it is text, and
 * `base64`.
 */
export class RejectedWriter {
  readonly #writer: ByteWriter;
  /** The first records of each fault. */
  readonly firsts = new Map<Fault, RejectedRecord[]>();
  /** Bytes that wait for more, because base64 encodes three at a time. */
  #rest: Buffer = NOTHING;
  #open = false;
  #bytes = 0;

  constructor(writer: ByteWriter) {
    this.#writer = writer;
  }

  add(bytes: Buffer, place: RejectPlace): void {
    const { start, end, complete } = place;
    const chunk = bytes.subarray(start, end);
    if (!this.#open) {
      this.#begin(place, complete ? chunk : undefined);
      this.#note(place, chunk);
    }
    const whole = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const even = complete ? whole.length : whole.length - (whole.length % 3);
    this.#writer.appendText(whole.toString('base64', 0, even));
    this.#rest = even === whole.length ? NOTHING : Buffer.from(whole.subarray(even));
    this.#bytes += chunk.length;
    if (!complete) return;
    this.#writer.appendText(`","bytes":${this.#bytes}}\n`);
    this.#open = false;
    this.#bytes = 0;
  }

  #begin({ line, offset, fault }: RejectPlace, whole: Buffer | undefined): void {
    const isText = whole !== undefined && whole.length <= TEXT_BYTES_MAX && isUtf8(whole);
    const text = isText ? whole.toString() : undefined;
    const about = { line, offset, reason: fault, text };
    this.#writer.appendText(`${JSON.stringify(about).slice(0, -1)},"base64":"`);
    this.#open = true;
  }

  #note({ line, fault }: RejectPlace, chunk: Buffer): void {
    const firsts = this.firsts.get(fault) ?? [];
    if (firsts.length === FIRSTS_MAX) return;
    this.firsts.set(fault, [...firsts, { line, text: chunk.toString('utf8', 0, FIRST_BYTES_MAX) }]);
  }
}
