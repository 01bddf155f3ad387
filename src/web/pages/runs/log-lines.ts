/** A piece of a line: text, or an address that is a link. */
export interface LogPiece {
  readonly kind: 'text' | 'link';
  readonly text: string;
}

// What ends a sentence or closes a bracket behind an address is not part of it.
const ADDRESS = /https?:\/\/(?:[.,;:!?)\]}]*[^\s<>"'`.,;:!?)\]}])+/g;

/** A text cut at its addresses. */
export function toPieces(text: string): readonly LogPiece[] {
  const pieces: LogPiece[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    if (match.index > end) pieces.push({ kind: 'text', text: text.slice(end, match.index) });
    pieces.push({ kind: 'link', text: match[0] });
    end = match.index + match[0].length;
  }
  if (end < text.length) pieces.push({ kind: 'text', text: text.slice(end) });
  return pieces;
}

/** The lines that contain each word, whatever its case; all of them without a word. */
export function filterLines(log: string, search: string): readonly string[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const lines = log.split('\n');
  return words.length === 0 ? lines : lines.filter((line) => words.every((word) => line.toLowerCase().includes(word)));
}
