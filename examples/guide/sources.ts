import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { defineSource, folderSource, tableSource } from 'weir';

/** The files of a folder: `data/notes/monday.txt` is the partition `monday`. */
export const notes = folderSource({
  name: 'notes',
  folder: fileURLToPath(new URL('data/notes', import.meta.url)),
  pattern: '*.txt',
});

/** The rows of a table over a named connection: one partition for each value of the column `day`. */
export const orders = tableSource({ name: 'orders', connection: 'shop', table: 'guide.orders', partitionBy: 'day' });

const RATES: Readonly<Record<string, string>> = { EUR: '1', USD: '1.25' };

/** Anything else that comes in parts: `list` names each with the SHA-256 of what `read` gives of it. */
export const rates = defineSource({
  name: 'rates',
  list: async () =>
    Object.entries(RATES).map(([name, rate]) => ({ name, digest: createHash('sha256').update(rate).digest('hex') })),
  read: async (name) => new TextEncoder().encode(RATES[name]),
});
