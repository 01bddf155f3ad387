/** Something that the palette finds. */
export interface PaletteEntry {
  readonly id: string;
  /** What kind of thing it is: `Page`, `Run`. */
  readonly kind: string;
  readonly title: string;
  /** The keys that do the same: `g r`. */
  readonly keys?: string | undefined;
  readonly choose: () => void;
}

/** Entries shown at once; more words find the others. */
const SHOWN_MAX = 12;

/** The entries that contain each word; those whose title begins with the text come first. */
export function findEntries(entries: readonly PaletteEntry[], text: string): readonly PaletteEntry[] {
  const wanted = text.trim().toLowerCase();
  const words = wanted.split(/\s+/).filter(Boolean);
  const found = entries.filter(({ kind, title }) => {
    const own = `${kind} ${title}`.toLowerCase();
    return words.every((word) => own.includes(word));
  });
  const begins = ({ title }: PaletteEntry) => Number(title.toLowerCase().startsWith(wanted));
  return found.toSorted((a, b) => begins(b) - begins(a)).slice(0, SHOWN_MAX);
}

/** The place of the entry that is marked after a key; it goes round at both ends. */
export function toMarked(key: string, { at, count }: { readonly at: number; readonly count: number }): number {
  if (count === 0) return 0;
  switch (key) {
    case 'ArrowDown':
      return (at + 1) % count;
    case 'ArrowUp':
      return (at + count - 1) % count;
    default:
      return at;
  }
}
