import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import type { FileFormat } from '#contracts';
import type { GeneratedFile } from './data.ts';

/** A way to write the generated rows, and what a contract says of it. */
interface BenchForm {
  readonly title: string;
  readonly format: FileFormat;
  /** A line of the default form in this one. */
  readonly line: (cells: readonly string[], isHeader: boolean) => string;
}

const moment = (ts: string): string =>
  ts.replace(/^(\d{4})-(\d\d)-(\d\d)T(.*)$/, (_, year, month, day, time) => `${day}.${month}.${year} ${time}`);
const isNumber = (cell: string): boolean => /^[\d.]+$/.test(cell);
const quoted = (cell: string, delimiter: string): string => (cell.includes(delimiter) ? `"${cell}"` : cell);
const joined = (cells: readonly string[], delimiter: string): string =>
  cells.map((cell) => quoted(cell, delimiter)).join(delimiter);

/** By the end of the name of the file. */
export const FORMS: Readonly<Record<string, BenchForm>> = {
  default: { title: 'default form', format: {}, line: (cells) => joined(cells, ',') },
  bar: { title: 'bars', format: { delimiter: '|' }, line: (cells) => joined(cells, '|') },
  comma: {
    title: 'semicolons, decimal commas, `dd.MM.yyyy HH:mm:ss`',
    format: { delimiter: ';', decimal: ',', timestamps: ['dd.MM.yyyy HH:mm:ss'] },
    line: (cells) =>
      joined(
        cells.map((cell) => moment(isNumber(cell) ? cell.replace('.', ',') : cell)),
        ';',
      ),
  },
  latin: {
    title: 'Latin-1, an umlaut in each row',
    format: { encoding: 'windows-1252' },
    line: (cells, isHeader) => {
      const [country = ''] = cells.slice(5, 6);
      return joined(cells.with(5, isHeader ? country : `${country} ü`), ',');
    },
  },
  trailing: {
    title: 'a delimiter at the end of each line',
    format: { hasTrailingDelimiter: true },
    line: (cells) => `${joined(cells, ',')},`,
  },
};

/** The form of a file by its name. */
export function formOfName(file: string): BenchForm | undefined {
  return FORMS[/-form-(\w+)\.csv$/.exec(file)?.[1] ?? ''];
}

/** The same rows in another form. */
export async function inForm(file: GeneratedFile, name: string): Promise<GeneratedFile> {
  const form = FORMS[name];
  if (form === undefined) throw new Error(`There is no form ${name}.`);
  const path = file.path.replace(/\.csv$/, `-form-${name}.csv`);
  if (!existsSync(path)) {
    const lines = (await readFile(file.path, 'latin1')).split('\n');
    const written = lines.map((line, at) => (line === '' ? '' : form.line(cellsOf(line), at === 0)));
    await writeFile(`${path}.part`, Buffer.from(written.join('\n'), 'latin1'));
    await rename(`${path}.part`, path);
  }
  return { ...file, path };
}

/** The generated rows have one cell in quotes at most, without a quote in it. */
function cellsOf(line: string): readonly string[] {
  return Array.from(line.matchAll(/(?:^|,)(?:"([^"]*)"|([^,]*))/g), ([, inQuotes, bare]) => inQuotes ?? bare ?? '');
}
