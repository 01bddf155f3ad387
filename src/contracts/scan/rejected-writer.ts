import { isUtf8 } from 'node:buffer';
import type { ByteWriter } from './byte-writer.ts';
import type { RejectPlace } from './record-scanner.ts';

/** Longer lines are stored only as base64; shorter ones also as text, to be readable. */
const TEXT_BYTES_MAX = 2000;

/**
 * Stores every rejected byte: one JSON object per line with `line`, `offset`, `reason`, `text` when it is text, and
 * `base64`.
 */
export class RejectedWriter {
  readonly #writer: ByteWriter;
  /** Bytes that wait for more, because base64 encodes three at a time. */
  #rest: Buffer = Buffer.alloc(0);
  #open = false;
  #bytes = 0;

  constructor(writer: ByteWriter) {
    this.#writer = writer;
  }

  add(bytes: Buffer, place: RejectPlace): void {
    const { start, end, complete } = place;
    const chunk = bytes.subarray(start, end);
    if (!this.#open) this.#begin(place, complete ? chunk : undefined);
    const whole = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const even = complete ? whole.length : whole.length - (whole.length % 3);
    this.#writer.appendText(whole.toString('base64', 0, even));
    this.#rest = Buffer.from(whole.subarray(even));
    this.#bytes += chunk.length;
    if (!complete) return;
    this.#writer.appendText(`","bytes":${this.#bytes}}\n`);
    this.#open = false;
    this.#bytes = 0;
  }

  #begin({ line, offset, fault }: RejectPlace, whole: Buffer | undefined): void {
    const isText = whole !== undefined && whole.length <= TEXT_BYTES_MAX && isUtf8(whole);
    const about = { line, offset, reason: fault, ...(isText ? { text: whole.toString() } : {}) };
    this.#writer.appendText(`${JSON.stringify(about).slice(0, -1)},"base64":"`);
    this.#open = true;
  }
}
