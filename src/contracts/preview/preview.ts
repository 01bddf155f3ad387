/** What a person sees of the content of a file, within bounds. */
export type Preview =
  | { readonly kind: 'json' | 'text'; readonly text: string; readonly isCut: boolean }
  | { readonly kind: 'image'; readonly mediaType: ImageType }
  | TablePreview
  /** Bytes that only a program can read. */
  | { readonly kind: 'none' };

export interface TablePreview {
  readonly kind: 'table';
  readonly format: 'csv' | 'parquet';
  /** Names of the first columns. */
  readonly columns: readonly string[];
  readonly columnCount: number;
  /** The first rows, with cells of the first columns; long cells are cut. */
  readonly rows: readonly (readonly string[])[];
  /** Null when the file is too large to count them. */
  readonly rowCount: number | null;
}

export type ImageType = 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp' | 'image/svg+xml';

/** Text is shown up to this many bytes, and so is JSON that is too large to be formatted. */
export const TEXT_BYTES_SHOWN = 4096;
/** JSON up to this size is formatted and shown whole. */
export const JSON_BYTES_MAX = 64 * 1024;
export const IMAGE_BYTES_MAX = 10 * 1024 * 1024;
export const ROWS_SHOWN = 20;
export const COLUMNS_SHOWN = 30;
const CELL_LENGTH_MAX = 120;

/** A cell that fits into a table. */
export function toPreviewCell(text: string): string {
  return text.length > CELL_LENGTH_MAX ? `${text.slice(0, CELL_LENGTH_MAX - 1)}…` : text;
}

/** JSON text, formatted; cut when it is too large for that, and undefined when it is no JSON. */
export function previewJson(text: string): Preview | undefined {
  const bytes = Buffer.byteLength(text);
  if (bytes > JSON_BYTES_MAX) return { kind: 'json', ...cutText(text) };
  try {
    return { kind: 'json', text: JSON.stringify(JSON.parse(text), undefined, 2), isCut: false };
  } catch {
    return undefined;
  }
}

/** The first bytes of a text, without half a character at the end. */
export function cutText(text: string): { readonly text: string; readonly isCut: boolean } {
  const bytes = Buffer.from(text);
  if (bytes.length <= TEXT_BYTES_SHOWN) return { text, isCut: false };
  return { text: bytes.toString('utf8', 0, TEXT_BYTES_SHOWN).replace(/\ufffd$/, ''), isCut: true };
}
