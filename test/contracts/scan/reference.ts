import { isUtf8 } from 'node:buffer';

/** A CSV file as the simplest reader sees it: written for being read, slow, and sharing nothing with the scanner. */
export interface ReferenceReading {
  readonly header: readonly string[] | undefined;
  readonly rows: readonly { readonly fields: readonly string[]; readonly line: number }[];
  readonly rejected: readonly { readonly bytes: Buffer; readonly line: number }[];
}

type Field = { readonly text: Buffer; readonly next: number; readonly isQuoted: boolean } | 'broken';

export function readReference(file: Buffer, delimiter = ','): ReferenceReading {
  const rows: { fields: string[]; line: number }[] = [];
  const rejected: { bytes: Buffer; line: number }[] = [];
  let header: string[] | undefined;
  let at = 0;
  let line = 1;
  while (at < file.length) {
    const record = readRecord(file, { at, delimiter: delimiter.charCodeAt(0) });
    const isBlank = record !== 'broken' && record.end === at && header?.length !== 1;
    const isBlankReturn =
      record !== 'broken' && header?.length !== 1 && file.subarray(at, record.next).toString() === '\r\n';
    const isOnlyReturn =
      record !== 'broken' && header?.length !== 1 && file.subarray(at, record.next).toString() === '\r';
    const width = header?.length;
    if (isBlank || isBlankReturn || isOnlyReturn) {
      at = record.next;
      line += 1;
    } else if (record === 'broken' || (width !== undefined && record.fields.length !== width)) {
      const end = file.indexOf(10, at) < 0 ? file.length : file.indexOf(10, at);
      rejected.push({ bytes: file.subarray(at, end), line });
      at = end + 1;
      line += 1;
    } else {
      if (header === undefined) header = record.fields;
      else rows.push({ fields: record.fields, line });
      line += file.subarray(at, record.next).filter((byte) => byte === 10).length;
      at = record.next;
    }
  }
  return { header, rows, rejected };
}

function readRecord(
  file: Buffer,
  { at, delimiter }: { at: number; delimiter: number },
): { fields: string[]; end: number; next: number } | 'broken' {
  const fields: string[] = [];
  let position = at;
  for (;;) {
    const field =
      file[position] === 34 ? quoted(file, { at: position, delimiter }) : bare(file, { at: position, delimiter });
    if (field === 'broken' || field.text.includes(0) || !isUtf8(field.text)) return 'broken';
    // Only a bare field can be followed by a CR that belongs to the line end; elsewhere outside quotes it is a fault.
    if (!field.isQuoted && field.text.includes(13)) return 'broken';
    fields.push(field.text.toString());
    position = field.next;
    if (file[position] === 13 && (position + 1 === file.length || file[position + 1] === 10)) position += 1;
    if (position >= file.length) return { fields, end: file.length, next: file.length };
    if (file[position] === 10) return { fields, end: position, next: position + 1 };
    position += 1;
  }
}

function quoted(file: Buffer, { at, delimiter }: { at: number; delimiter: number }): Field {
  const text: number[] = [];
  for (let position = at + 1; position < file.length; position += 1) {
    if (file[position] !== 34) text.push(file[position] ?? 0);
    else if (file[position + 1] === 34) {
      text.push(34);
      position += 1;
    } else {
      const next = position + 1;
      const isEnd = next >= file.length || file[next] === delimiter || file[next] === 10;
      const isReturn = file[next] === 13 && (next + 1 === file.length || file[next + 1] === 10);
      return isEnd || isReturn ? { text: Buffer.from(text), next, isQuoted: true } : 'broken';
    }
  }
  return 'broken';
}

function bare(file: Buffer, { at, delimiter }: { at: number; delimiter: number }): Field {
  let next = at;
  while (next < file.length && file[next] !== delimiter && file[next] !== 10) next += 1;
  const endsRecord = next >= file.length || file[next] === 10;
  const end = endsRecord && next > at && file[next - 1] === 13 ? next - 1 : next;
  return { text: file.subarray(at, end), next: end, isQuoted: false };
}
