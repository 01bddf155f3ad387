import { createHash } from 'node:crypto';
import { MlError } from '../errors.ts';

/**
 * The file format of a fitted model, little-endian:
 *
 *   0   8 bytes   "WEIRMODL"
 *   8   u32       format, 1
 *   12  u32       length of the header
 *   16  header    UTF-8 JSON: estimator kind, its fields, and name, type and length of each section
 *       sections  raw numbers, each starting at a multiple of 8
 *   end 32 bytes  SHA-256 of everything before
 *
 * Reading parses JSON and copies numbers; nothing in a file can name code.
 */
const MAGIC = 'WEIRMODL';
const FORMAT = 1;
const PREFIX_BYTES = 16;
const DIGEST_BYTES = 32;
const HEADER_BYTES_MAX = 16 * 1024 * 1024;

export type Numbers = Float64Array | Float32Array | Int32Array;
type NumberType = 'f64' | 'f32' | 'i32';

interface SectionHeader {
  readonly name: string;
  readonly type: NumberType;
  readonly length: number;
}

export interface PayloadParts {
  readonly kind: string;
  /** Small JSON values: label, columns, settings. */
  readonly fields: unknown;
  readonly sections: Readonly<Record<string, Numbers>>;
}

/** Packs a fitted model into bytes: equal models give equal bytes. */
export function writePayload({ kind, fields, sections }: PayloadParts): Uint8Array {
  const names = Object.entries(sections);
  const headers = names.map(([name, values]): SectionHeader => ({ name, type: typeOf(values), length: values.length }));
  const header = new TextEncoder().encode(JSON.stringify({ kind, fields, sections: headers }));
  let end = PREFIX_BYTES + header.byteLength;
  const starts = names.map(([, values]) => {
    const start = aligned(end);
    end = start + values.byteLength;
    return start;
  });
  const bytes = new Uint8Array(end + DIGEST_BYTES);
  bytes.set(new TextEncoder().encode(MAGIC), 0);
  const view = new DataView(bytes.buffer);
  view.setUint32(8, FORMAT, true);
  view.setUint32(12, header.byteLength, true);
  bytes.set(header, PREFIX_BYTES);
  names.forEach(([, values], index) => {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), starts[index] ?? 0);
  });
  bytes.set(createHash('sha256').update(bytes.subarray(0, end)).digest(), end);
  return bytes;
}

/** Unpacks what `writePayload` packed; anything else is an error with the reason. */
export function readPayload(bytes: Uint8Array, kind: string): PayloadParts {
  const end = bytes.byteLength - DIGEST_BYTES;
  if (end < PREFIX_BYTES || new TextDecoder().decode(bytes.subarray(0, 8)) !== MAGIC) {
    throw corrupt(`it does not begin with ${MAGIC}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const format = view.getUint32(8, true);
  if (format !== FORMAT) throw corrupt(`it has format ${format}, and this version reads format ${FORMAT}`);
  if (!createHash('sha256').update(bytes.subarray(0, end)).digest().equals(bytes.subarray(end))) {
    throw corrupt('its digest does not fit its content');
  }
  const headerEnd = PREFIX_BYTES + view.getUint32(12, true);
  if (headerEnd > end || headerEnd > HEADER_BYTES_MAX) throw corrupt('its header is longer than the file');
  const header = parseHeader(bytes.subarray(PREFIX_BYTES, headerEnd));
  if (header.kind !== kind) throw corrupt(`it holds a "${header.kind}" model, and a "${kind}" model was expected`);
  return { kind, fields: header.fields, sections: readSections(header.sections, { bytes, headerEnd, end }) };
}

function readSections(
  headers: readonly SectionHeader[],
  { bytes, headerEnd, end }: { readonly bytes: Uint8Array; readonly headerEnd: number; readonly end: number },
): Readonly<Record<string, Numbers>> {
  const sections: Record<string, Numbers> = {};
  let position = headerEnd;
  for (const { name, type, length } of headers) {
    const start = aligned(position);
    position = start + length * widthOf(type);
    if (position > end) throw corrupt(`its section "${name}" ends beyond the file`);
    // A copy, so that sections are aligned for typed arrays, whatever the offset of the bytes.
    const buffer = new Uint8Array(bytes.subarray(start, position)).buffer;
    sections[name] =
      type === 'f64' ? new Float64Array(buffer) : type === 'f32' ? new Float32Array(buffer) : new Int32Array(buffer);
  }
  if (position !== end) throw corrupt(`${end - position} bytes belong to no section`);
  return sections;
}

interface Header {
  readonly kind: string;
  readonly fields: unknown;
  readonly sections: readonly SectionHeader[];
}

function parseHeader(bytes: Uint8Array): Header {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw corrupt('its header is no JSON', cause);
  }
  if (isHeader(header)) return header;
  throw corrupt('its header lacks kind, fields or sections');
}

function isHeader(value: unknown): value is Header {
  if (typeof value !== 'object' || value === null) return false;
  if (!('kind' in value) || typeof value.kind !== 'string' || !('fields' in value)) return false;
  return 'sections' in value && Array.isArray(value.sections) && value.sections.every(isSectionHeader);
}

function isSectionHeader(value: unknown): value is SectionHeader {
  if (typeof value !== 'object' || value === null) return false;
  if (!('name' in value) || typeof value.name !== 'string') return false;
  if (!('type' in value) || (value.type !== 'f64' && value.type !== 'f32' && value.type !== 'i32')) return false;
  return 'length' in value && Number.isSafeInteger(value.length) && Number(value.length) >= 0;
}

/** The error of every reader that meets a model file it cannot use. */
export function corrupt(why: string, cause?: unknown): MlError {
  return new MlError(
    'payload_corrupt',
    `This is no model payload that can be read: ${why}. Register the model again from its training run.`,
    { cause },
  );
}

function typeOf(values: Numbers): NumberType {
  if (values instanceof Float64Array) return 'f64';
  return values instanceof Float32Array ? 'f32' : 'i32';
}

function widthOf(type: NumberType): number {
  return type === 'f64' ? 8 : 4;
}

function aligned(position: number): number {
  return (position + 7) & ~7;
}
