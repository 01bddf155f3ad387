import type { Violation } from '../check-result.ts';
import type { Contract } from '../contract.ts';
import { fieldsOf } from '../scan/fields.ts';

/** How the names in a file's first line meet those of the contract. */
export interface HeaderMatch {
  /** Names for the canonical file: the contract's spelling where a name is known. */
  readonly names: readonly string[];
  /** Position in the file of each column that is there exactly once. */
  readonly positions: ReadonlyMap<string, number>;
  readonly missing: readonly string[];
  readonly extra: readonly string[];
  readonly repeated: readonly string[];
  /** Names read as a column though spelled a little differently: case, outer spaces, Unicode form. */
  readonly respelled: readonly { readonly file: string; readonly contract: string }[];
  /** Another delimiter under which more names would be known. */
  readonly delimiterHint: string | undefined;
}

export function matchHeader(contract: Contract, header: readonly string[]): HeaderMatch {
  const expected = Object.keys(contract.columns);
  const bySpelling = new Map(expected.map((name) => [spelling(name), name]));
  const exact = new Set(header.filter((name) => contract.columns[name] !== undefined));
  const found = new Map<string, number[]>();
  const names = header.map((name, position) => {
    const near = bySpelling.get(spelling(name));
    const column = exact.has(name) ? name : near !== undefined && !exact.has(near) ? near : undefined;
    if (column !== undefined) found.set(column, [...(found.get(column) ?? []), position]);
    return column ?? name;
  });
  const once = expected.filter((name) => found.get(name)?.length === 1);
  return {
    names,
    positions: new Map(once.map((name) => [name, found.get(name)?.[0] ?? -1])),
    missing: expected.filter((name) => !found.has(name)),
    extra: header.filter((_, position) => contract.columns[names[position] ?? ''] === undefined),
    repeated: expected.filter((name) => (found.get(name)?.length ?? 0) > 1),
    respelled: header.flatMap((file, position) => {
      const column = names[position] ?? '';
      return column !== file && once.includes(column) ? [{ file, contract: column }] : [];
    }),
    delimiterHint: hintOf(contract, { header, known: found.size }),
  };
}

/** What is wrong with the header itself, as violations of the whole file of `rows` rows. */
export function headerViolations(contract: Contract, match: HeaderMatch, rows: number): readonly Violation[] {
  const isFrozen = contract.evolution === 'freeze';
  const isStrict = isFrozen || contract.evolution === 'strict';
  const weight = (isFailing: boolean) =>
    isFailing ? ({ severity: 'fail', ...whole(rows) } as const) : ({ severity: 'warn', rows: 0, share: 0 } as const);
  const hint = match.delimiterHint === undefined ? '' : `; the file looks delimited by ${match.delimiterHint}`;
  return [
    ...match.missing.map((column): Violation => {
      const severity = contract.columns[column]?.alwaysNull === true ? 'warn' : 'fail';
      const sentence = `column ${column} is missing${hint}`;
      return { expectation: 'column-present', column, category: 'missing-column', severity, ...whole(rows), sentence };
    }),
    ...match.repeated.map((column): Violation => {
      const sentence = `column ${column} stands more than once, so it is unclear which is meant`;
      return { expectation: 'column-once', column, category: 'schema', severity: 'fail', ...whole(rows), sentence };
    }),
    ...match.extra.map((name): Violation => {
      const sentence = `column ${name.trim() === '' ? '(without a name)' : name} is not in the contract`;
      const about = { expectation: 'no-extra-column', column: name, category: 'schema' } as const;
      return { ...about, ...weight(isStrict), sentence };
    }),
    ...match.respelled.map(({ file, contract: column }): Violation => {
      const about = { expectation: 'column-spelling', column, category: 'schema' } as const;
      return { ...about, ...weight(isFrozen), sentence: `column ${column} is spelled ${JSON.stringify(file)}` };
    }),
    ...(isFrozen && !isInOrder(contract, match)
      ? [
          {
            expectation: 'column-order',
            category: 'schema',
            ...weight(true),
            sentence: 'the columns stand in another order',
          } as const,
        ]
      : []),
  ];
}

function isInOrder(contract: Contract, { positions }: HeaderMatch): boolean {
  const found = Object.keys(contract.columns).flatMap((name) => positions.get(name) ?? []);
  return found.every((position, index) => index === 0 || position > (found[index - 1] ?? 0));
}

function whole(rows: number): { rows: number; share: number } {
  return { rows, share: rows === 0 ? 0 : 1 };
}

function spelling(name: string): string {
  return name.normalize('NFC').trim().toLowerCase();
}

const DELIMITERS = { ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': 'bars' } as const;

function hintOf(
  contract: Contract,
  { header, known }: { header: readonly string[]; known: number },
): string | undefined {
  const line = Buffer.from(header.join(contract.delimiter));
  let best = { known, words: undefined as string | undefined };
  for (const [delimiter, words] of Object.entries(DELIMITERS)) {
    if (delimiter === contract.delimiter) continue;
    const names = new Set(fieldsOf(line, delimiter).map(spelling));
    const count = Object.keys(contract.columns).filter((name) => names.has(spelling(name))).length;
    if (count > best.known) best = { known: count, words };
  }
  return best.words;
}
