import type { ColumnKind } from '../cell.ts';
import { maybeConverter } from '../format/cell-converters.ts';
import type { FileFormat } from '../format/file-format.ts';
import { Output } from '../format/output.ts';
import { maybeValue } from '../kinds/cell-value.ts';
import type { SampleCell } from './sample-records.ts';

/** Enclosed in a quote that was not taken for one. */
const ENCLOSED = /^(['`«]).*\1$/s;
/** What else may separate cells, or a comma that stands in no number. */
const OF_MARKS = /[;|\t^~§¦→\p{Cc}"]|(?<!\d),|,(?!\d)/u;

/** Of one unit of a text. */
const UTF8_BYTES_MAX = 3;

/** Whether a cell looks whole: in quotes, or without anything that may separate cells. */
export function isPlainCell({ text, isQuoted }: SampleCell): boolean {
  return isQuoted || !(OF_MARKS.test(text) || ENCLOSED.test(text));
}

/** What reads a text by a kind and a format, as a check would: the text of the default form, undefined when it is none. */
export function reader(kind: ColumnKind, format: FileFormat): (text: string) => string | undefined {
  const out = new Output((size) => Buffer.alloc(size), 64);
  const convert = maybeConverter(kind, { format, out });
  const encoder = new TextEncoder();
  let cell = new Uint8Array(64);
  return (text) => {
    let read = text;
    if (convert !== undefined) {
      out.used = 0;
      if (cell.length < text.length * UTF8_BYTES_MAX) cell = new Uint8Array(text.length * UTF8_BYTES_MAX);
      const { written } = encoder.encodeInto(text, cell);
      if (!convert(cell, 0, written)) return undefined;
      // What a converter writes is ASCII.
      read = out.bytes.toString('latin1', 0, out.used);
    }
    return maybeValue(kind, read) === undefined ? undefined : read;
  };
}
